//! What needs the values of lengths (that one is a multiple of another, a sum, equal or 1) is asked in constants of generic
//! methods, which `cargo check` leaves alone and `cargo build` evaluates.

/// Each program in `fail_in_build/` is rejected with the text beside it when it is built.
#[test]
fn mistakes_with_lengths_are_told_in_the_build() {
    let programs = trybuild::TestCases::new();
    // One program that is to run makes all of them be built rather than checked.
    programs.pass("pass/tensor_shapes.rs");
    programs.compile_fail("fail_in_build/*.rs");
}

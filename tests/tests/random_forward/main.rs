//! Forward functions at random: gradients against differences, inference against training, f32 against f64.
//!
//! `models_*.rs` and `register.rs` are written by `cargo run -p nanotorch-tests --bin random_forward`.

mod blocks;
mod check;
mod models_1;
mod models_2;
mod models_3;
mod models_4;
mod models_5;
mod models_6;
mod models_7;
mod models_8;
mod register;

use std::path::Path;

#[test]
fn the_files_are_what_the_tool_writes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/random_forward");
    for (name, text) in nanotorch_tests::random_forward::files() {
        let path = folder.join(&name);
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == text,
            "{name} is not what the tool writes: run `cargo run -p nanotorch-tests --bin random_forward`"
        );
    }
}

/// No plan needs less than what is alive at one time, nor more than if nothing shared memory. Run with `--nocapture` to see the
/// figures.
#[test]
fn plans_are_tight() {
    let (mut planned, mut least, mut everything, mut worst) = (0, 0, 0, 0.0_f64);
    println!("model   planned  least  everything  (numbers a sample)");
    for (name, memory) in register::plans() {
        let over = memory.planned as f64 / memory.lower_bound.max(1) as f64;
        println!(
            "{name:6} {:8} {:6} {:11}   {over:.2}",
            memory.planned, memory.lower_bound, memory.keep_everything
        );
        assert!(memory.lower_bound <= memory.planned && memory.planned <= memory.keep_everything, "{name}");
        planned += memory.planned;
        least += memory.lower_bound;
        everything += memory.keep_everything;
        worst = worst.max(over);
    }
    println!(
        "all    {planned:8} {least:6} {everything:11}   {:.2}, at most {worst:.2}",
        planned as f64 / least as f64
    );
    assert!(planned as f64 <= 1.15 * least as f64, "{planned} of {least}");
}

/// The methods of edges: all that `x.name(..)` can be.
const METHODS: [&str; 33] = [
    "relu",
    "leaky_relu",
    "sigmoid",
    "tanh",
    "gelu",
    "gelu_tanh",
    "silu",
    "elu",
    "softplus",
    "exp",
    "ln",
    "sqrt",
    "square",
    "abs",
    "recip",
    "powf",
    "powi",
    "softmax",
    "log_softmax",
    "detach",
    "flatten",
    "t",
    "matmul",
    "reshape",
    "transpose",
    "permute",
    "slice",
    "concat",
    "stack",
    "split",
    "sum",
    "mean",
    "max",
];

#[test]
fn every_operation_is_there() {
    let text: String = nanotorch_tests::random_forward::files().into_iter().map(|(_, text)| text).collect();
    let methods = METHODS.map(|method| format!(".{method}("));
    let others = [
        " + ",
        " - ",
        " * ",
        " / ",
        "-h",
        "5 / (",
        "5 - ",
        "#[frozen]",
        "Param<R0",
        "Ones>",
        "NoBias",
        "for block in",
    ];
    for wanted in methods.iter().map(String::as_str).chain(others) {
        assert!(text.contains(wanted), "no function has `{wanted}`");
    }
    assert!(text.matches("\nimpl Net").count() >= 60);
}

//! A backward from more than one number, without a gradient to begin with.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    Tape::new().record(|tape| {
        let x = tape.variable(&Tensor::<R1<3>>::ones());
        let _ = x.square().backward();
    });
}

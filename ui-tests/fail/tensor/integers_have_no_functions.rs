//! A function of floats on integers.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let x = Tensor::<R1<3>, i64>::ones();
    let _ = x.exp();
}

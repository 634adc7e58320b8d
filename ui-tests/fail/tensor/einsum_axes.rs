//! More letters than the operand has axes.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let a = Tensor::<R2<2, 3>>::ones();
    let _ = einsum!("ijk->k", a);
}

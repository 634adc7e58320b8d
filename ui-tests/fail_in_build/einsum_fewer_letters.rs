//! Fewer letters than the operand has axes.
use nanotorch::prelude::*;

fn main() {
    let cube = Tensor::<R3<2, 3, 4>>::ones();
    let _ = einsum!("ij->j", cube);
}

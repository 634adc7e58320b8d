//! A letter twice in one operand, and a sign that is no letter.
// errors: 2
use nanotorch::prelude::*;

fn main() {
    let a = Tensor::<R2<2, 2>>::ones();
    let _ = einsum!("ii,j1->j", a, a);
}

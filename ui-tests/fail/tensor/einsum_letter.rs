//! A letter of the result that no operand has.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let (a, b) = (Tensor::<R2<2, 3>>::ones(), Tensor::<R2<3, 5>>::ones());
    let _ = einsum!("ij,jk->iz", a, b);
}

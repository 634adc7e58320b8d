//! A letter that stands for two lengths.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let (a, b) = (Tensor::<R2<2, 3>>::ones(), Tensor::<R2<4, 5>>::ones());
    let _ = einsum!("ij,jk->ik", a, b);
}

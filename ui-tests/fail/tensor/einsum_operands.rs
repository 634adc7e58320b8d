//! Letters for another number of operands.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let a = Tensor::<R2<2, 3>>::ones();
    let _ = einsum!("ij,jk->ik", a);
}

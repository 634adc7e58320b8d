//! Nothing says what the result is.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let a = Tensor::<R2<2, 2>>::ones();
    let _ = einsum!("ij", a);
}

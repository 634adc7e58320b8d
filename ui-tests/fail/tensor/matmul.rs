//! Factors of a product that don't fit.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let (a, b) = (Tensor::<R2<2, 3>>::ones(), Tensor::<R2<4, 5>>::ones());
    let _ = a.matmul(&b);
}

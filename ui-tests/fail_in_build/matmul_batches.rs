//! Batches of two and of three products.
use nanotorch::prelude::*;

fn main() {
    let (a, b) = (Tensor::<R3<2, 4, 3>>::ones(), Tensor::<R3<3, 3, 5>>::ones());
    let _ = a.matmul(&b);
}

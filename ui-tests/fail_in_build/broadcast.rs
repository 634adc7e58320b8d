//! Lengths that are neither equal nor 1.
use nanotorch::prelude::*;

fn main() {
    let _ = Tensor::<R2<2, 3>>::ones() + Tensor::<R1<4>>::ones();
}

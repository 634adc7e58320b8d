//! The right side of `+=` is longer along an axis than the left one.
use nanotorch::prelude::*;

fn main() {
    let mut row = Tensor::<R2<1, 3>>::ones();
    row += Tensor::<R2<2, 3>>::ones();
}

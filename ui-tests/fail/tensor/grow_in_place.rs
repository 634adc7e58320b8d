//! The right side of `+=` has more axes than the left one.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let mut vector = Tensor::<R1<3>>::ones();
    vector += Tensor::<R2<2, 3>>::ones();
}

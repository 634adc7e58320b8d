//! A reduction along an axis that isn't there.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let x = Tensor::<R2<2, 3>>::ones();
    let _ = x.along::<R1<2>>().sum();
}

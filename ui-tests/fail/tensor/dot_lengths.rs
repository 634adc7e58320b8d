//! Vectors of different lengths.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let (a, b) = (Tensor::<R1<3>>::ones(), Tensor::<R1<4>>::ones());
    let _ = a.dot(&b);
}

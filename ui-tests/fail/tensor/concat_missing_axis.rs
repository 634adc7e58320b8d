//! Vectors joined along an axis that they don't have.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let (a, b) = (Tensor::<R1<2>>::ones(), Tensor::<R1<3>>::ones());
    let _: Tensor<R1<5>> = a.concat::<1, _, _>(&b);
}

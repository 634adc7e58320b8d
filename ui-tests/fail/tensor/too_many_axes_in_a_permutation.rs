//! A permutation of more axes than there are.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let x = Tensor::<R2<2, 3>>::ones();
    let _ = x.permute::<R3<0, 1, 0>>();
}

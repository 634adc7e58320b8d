//! A permutation that names an axis that isn't there.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let x = Tensor::<R3<2, 3, 4>>::ones();
    let _ = x.permute::<R3<0, 1, 3>>();
}

//! An order of axes that names one twice.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let cube = Tensor::<R3<2, 3, 4>>::ones();
    let _ = cube.permute::<R3<0, 2, 2>>();
}

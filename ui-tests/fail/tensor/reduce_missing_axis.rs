//! The mean along an axis that isn't there.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let table = Tensor::<R2<4, 3>>::ones();
    let _ = table.mean_axis::<2>();
}

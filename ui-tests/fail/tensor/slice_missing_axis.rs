//! A slice along an axis that isn't there.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let table = Tensor::<R2<4, 3>>::ones();
    let _: Tensor<R2<4, 2>> = table.slice::<2, 0, 2, _>();
}

//! A slice of columns as a shape with other rows.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let table = Tensor::<R2<4, 3>>::ones();
    let _: Tensor<R2<2, 2>> = table.slice::<1, 0, 2, _>();
}

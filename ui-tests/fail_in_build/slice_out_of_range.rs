//! A range that reaches behind the end of the axis.
use nanotorch::prelude::*;

fn main() {
    let table = Tensor::<R2<4, 3>>::ones();
    let _: Tensor<R2<3, 3>> = table.slice::<0, 2, 5, _>();
}

//! A range of two rows as a shape of three.
use nanotorch::prelude::*;

fn main() {
    let table = Tensor::<R2<4, 3>>::ones();
    let _: Tensor<R2<3, 3>> = table.slice::<0, 1, 3, _>();
}

//! A shape of another number of elements.
use nanotorch::prelude::*;

fn main() {
    let _ = Tensor::<R1<6>>::ones().reshape::<R2<2, 4>>();
}

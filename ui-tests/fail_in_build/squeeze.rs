//! An axis that isn't of length 1.
use nanotorch::prelude::*;

fn main() {
    let _ = Tensor::<R2<2, 1>>::ones().squeeze::<0>();
}

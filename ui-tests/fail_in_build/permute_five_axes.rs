//! An order of five axes that names one twice.
use nanotorch::prelude::*;

fn main() {
    let blocks = Tensor::<R5<1, 2, 3, 4, 5>>::ones();
    let _ = blocks.permute::<R5<0, 1, 2, 3, 3>>();
}

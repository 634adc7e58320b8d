//! A window that is larger than the image.
use nanotorch::prelude::*;

fn main() {
    let (x, weight) = (Tensor::<R4<8, 3, 28, 28>>::ones(), Tensor::<R4<4, 3, 31, 31>>::ones());
    let _ = x.conv2d::<(), R4<8, 4, 1, 1>>(&weight);
}

//! A convolution over two axes of a batch that has one.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let (x, weight) = (Tensor::<R3<8, 3, 32>>::ones(), Tensor::<R4<4, 3, 3, 3>>::ones());
    let _ = x.conv2d::<(), R4<8, 4, 30, 30>>(&weight);
}

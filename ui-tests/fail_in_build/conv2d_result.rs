//! A result of other lengths than the convolution gives.
use nanotorch::prelude::*;

fn main() {
    let (x, weight) = (Tensor::<R4<8, 3, 28, 28>>::ones(), Tensor::<R4<4, 3, 5, 5>>::ones());
    let _ = x.conv2d::<Padding<1>, R4<8, 4, 24, 24>>(&weight);
}

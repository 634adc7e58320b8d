//! Weights for other channels.
use nanotorch::prelude::*;

fn main() {
    let (x, weight) = (Tensor::<R4<8, 3, 32, 32>>::ones(), Tensor::<R4<4, 1, 3, 3>>::ones());
    let _ = x.conv2d::<(), R4<8, 4, 30, 30>>(&weight);
}

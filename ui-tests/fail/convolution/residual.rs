// A residual whose convolution doesn't keep the image's size.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8, 28, 28], forward)]
pub struct Net {
    conv1: Conv2d<8, 8, 3, Same>,
    conv2: Conv2d<8, 8, 5, Padding<1>>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.conv2.forward(self.conv1.forward(x).relu());
        (h + x).relu()
    }
}

fn main() {}

//! ResNet-20 as it was published for images of 32 x 32 (He et al., 2015).

use nanotorch::prelude::*;

#[model(forward)]
pub struct Block<const C: usize> {
    conv1: Conv2d<C, C, 3, (Padding<1>, NoBias)>,
    bn1: BatchNorm<C>,
    conv2: Conv2d<C, C, 3, (Padding<1>, NoBias)>,
    bn2: BatchNorm<C>,
}

#[forward]
impl<const C: usize> Block<C> {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.bn1.forward(self.conv1.forward(x)).relu();
        (self.bn2.forward(self.conv2.forward(h)) + x).relu()
    }
}

/// Half the height and width, twice the channels; what goes past it skips every other pixel, and has zeros for new channels.
#[model(forward)]
pub struct Down<const IN: usize, const OUT: usize> {
    conv1: Conv2d<IN, OUT, 3, (Stride<2>, Padding<1>, NoBias)>,
    bn1: BatchNorm<OUT>,
    conv2: Conv2d<OUT, OUT, 3, (Padding<1>, NoBias)>,
    bn2: BatchNorm<OUT>,
    skip: AvgPool2d<1, Stride<2>>,
}

#[forward]
impl<const IN: usize, const OUT: usize> Down<IN, OUT> {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.bn1.forward(self.conv1.forward(x)).relu();
        let past = self.skip.forward(x);
        (self.bn2.forward(self.conv2.forward(h)) + past.concat(0.0 * past, 0)).relu()
    }
}

#[model(input = [3, 32, 32])]
pub struct ResNet20 {
    conv1: Conv2d<3, 16, 3, (Padding<1>, NoBias)>,
    bn1: BatchNorm<16>,
    relu: Relu,
    layer1: [Block<16>; 3],
    down2: Down<16, 32>,
    layer2: [Block<32>; 2],
    down3: Down<32, 64>,
    layer3: [Block<64>; 2],
    mean: GlobalAvgPool,
    fc: Linear<64, 10>,
}

// As the paper's table says, 0.27 million; beside two running statistics for each channel of a normalisation.
const _: () = assert!(ResNet20::PARAMS == 269_722 + 2 * 688);

fn main() {
    assert_eq!(ResNet20::OUTPUT, [10]);
}

//! ResNet-18 as it was published (He et al., 2015), on images of 224 x 224: everything about it is known in `cargo check`.

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

#[model(forward)]
pub struct Down<const IN: usize, const OUT: usize> {
    conv1: Conv2d<IN, OUT, 3, (Stride<2>, Padding<1>, NoBias)>,
    bn1: BatchNorm<OUT>,
    conv2: Conv2d<OUT, OUT, 3, (Padding<1>, NoBias)>,
    bn2: BatchNorm<OUT>,
    past: Conv2d<IN, OUT, 1, (Stride<2>, NoBias)>,
    bn3: BatchNorm<OUT>,
}

#[forward]
impl<const IN: usize, const OUT: usize> Down<IN, OUT> {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.bn1.forward(self.conv1.forward(x)).relu();
        (self.bn2.forward(self.conv2.forward(h)) + self.bn3.forward(self.past.forward(x))).relu()
    }
}

#[model(input = [3, 224, 224])]
pub struct ResNet18 {
    conv1: Conv2d<3, 64, 7, (Stride<2>, Padding<3>, NoBias)>,
    bn1: BatchNorm<64>,
    relu: Relu,
    pool: MaxPool2d<3, (Stride<2>, Padding<1>)>,
    layer1: [Block<64>; 2],
    down2: Down<64, 128>,
    layer2: Block<128>,
    down3: Down<128, 256>,
    layer3: Block<256>,
    down4: Down<256, 512>,
    layer4: Block<512>,
    mean: GlobalAvgPool,
    fc: Linear<512, 1000>,
}

// As many as torchvision's has, beside two running statistics for each of 4,800 channels.
const _: () = assert!(ResNet18::PARAMS == 11_689_512 + 2 * 4_800);
const _: () = assert!(ResNet18::FLOPS > 3_600_000_000 && ResNet18::FLOPS < 3_700_000_000);

fn main() {
    assert_eq!(ResNet18::OUTPUT, [1000]);
}

//! VGG-16 as it was published (Simonyan and Zisserman, 2014), on images of 224 x 224: everything about it is known in
//! `cargo check`.

use nanotorch::prelude::*;

#[model(input = [3, 224, 224])]
pub struct Vgg16 {
    conv1: Conv2d<3, 64, 3, Padding<1>>,
    relu1: Relu,
    conv2: Conv2d<64, 64, 3, Padding<1>>,
    relu2: Relu,
    pool1: MaxPool2d<2>,
    conv3: Conv2d<64, 128, 3, Padding<1>>,
    relu3: Relu,
    conv4: Conv2d<128, 128, 3, Padding<1>>,
    relu4: Relu,
    pool2: MaxPool2d<2>,
    conv5: Conv2d<128, 256, 3, Padding<1>>,
    relu5: Relu,
    conv6: Conv2d<256, 256, 3, Padding<1>>,
    relu6: Relu,
    conv7: Conv2d<256, 256, 3, Padding<1>>,
    relu7: Relu,
    pool3: MaxPool2d<2>,
    conv8: Conv2d<256, 512, 3, Padding<1>>,
    relu8: Relu,
    conv9: Conv2d<512, 512, 3, Padding<1>>,
    relu9: Relu,
    conv10: Conv2d<512, 512, 3, Padding<1>>,
    relu10: Relu,
    pool4: MaxPool2d<2>,
    conv11: Conv2d<512, 512, 3, Padding<1>>,
    relu11: Relu,
    conv12: Conv2d<512, 512, 3, Padding<1>>,
    relu12: Relu,
    conv13: Conv2d<512, 512, 3, Padding<1>>,
    relu13: Relu,
    pool5: MaxPool2d<2>,
    flatten: Flatten,
    fc1: Linear<{ 512 * 7 * 7 }, 4096>,
    relu14: Relu,
    dropout1: Dropout<50>,
    fc2: Linear<4096, 4096>,
    relu15: Relu,
    dropout2: Dropout<50>,
    fc3: Linear<4096, 1000>,
}

// As many as torchvision's has.
const _: () = assert!(Vgg16::PARAMS == 138_357_544);
const _: () = assert!(Vgg16::FLOPS > 30_000_000_000 && Vgg16::FLOPS < 32_000_000_000);

fn main() {
    assert_eq!(Vgg16::OUTPUT, [1000]);
}

//! Gradients of layers of images, signals and volumes against differences of the loss, in double precision.

use nanotorch::gradcheck::Gradcheck;
use nanotorch::loss::CrossEntropy;
use nanotorch::model;
use nanotorch::prelude::*;
use proptest::prelude::{ProptestConfig, proptest};

fn layer<I: Shape, L: Layer<I, Element = f64>>(seed: u64, rows: usize) {
    let mut random = Random::new(seed);
    let layer = model::new::<L>(seed);
    let inputs: Vec<f64> = (0..rows * I::LEN).map(|_| 2.0 * random.normal()).collect();
    let check = Gradcheck { seed, ..Gradcheck::default() };
    check
        .layer::<I, L>(&layer, &inputs)
        .unwrap_or_else(|error| panic!("{}: {error}", core::any::type_name::<L>()));
}

fn classifier<M: Model<Element = f64>>(seed: u64, rows: usize) {
    let mut random = Random::new(seed);
    let model = model::new::<M>(seed);
    let inputs: Vec<f64> = (0..rows * M::Input::LEN).map(|_| random.normal()).collect();
    let targets: Vec<u32> = (0..rows).map(|_| random.below(3) as u32).collect();
    let check = Gradcheck { seed, ..Gradcheck::default() };
    check.model(&*model, &CrossEntropy::default(), &inputs, &targets).unwrap();
}

#[model(input = [1, 8, 7])]
struct Image {
    conv1: Conv2d<1, 3, 3, Same>,
    tanh: Tanh,
    pool1: MaxPool2d<2>,
    conv2: Conv2d<3, 4, 2, (Stride<2>, Padding<1>)>,
    silu: Silu,
    up: ConvTranspose2d<4, 2, 2, Stride<2>>,
    pool2: AvgPool2d<2>,
    flatten: Flatten,
    fc: Linear<12, 3>,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn convolutions(seed: u64, rows in 1_usize..4) {
        layer::<R2<2, 9>, Conv1d<2, 3, 3, (Dilation<2>, Padding<1>), f64>>(seed, rows);
        layer::<R3<2, 5, 4>, Conv2d<2, 3, 3, (), f64>>(seed, rows);
        layer::<R3<4, 5, 6>, Conv2d<4, 4, 3, (Stride<2>, Padding<1>, Groups<2, 2>, NoBias), f64>>(seed, rows);
        layer::<R3<3, 4, 5>, Conv2d<3, 3, 4, (Depthwise, Same), f64>>(seed, rows);
        layer::<R4<1, 3, 4, 3>, Conv3d<1, 2, 2, (), f64>>(seed, rows);
        layer::<R2<3, 4>, ConvTranspose1d<3, 2, 3, Stride<2>, f64>>(seed, rows);
        layer::<R3<2, 3, 3>, ConvTranspose2d<2, 3, 3, (Stride<2>, Padding<1>, OutputPadding<1>), f64>>(seed, rows);
    }

    #[test]
    fn pools(seed: u64, rows in 1_usize..4) {
        layer::<R3<2, 5, 4>, MaxPool2d<2, (), f64>>(seed, rows);
        layer::<R3<2, 5, 4>, MaxPool2d<3, (Stride<1>, Padding<1>), f64>>(seed, rows);
        layer::<R3<2, 5, 4>, AvgPool2d<3, (Stride<2>, Padding<1>), f64>>(seed, rows);
        layer::<R3<2, 5, 4>, AvgPool2dWithoutPadding<3, (Stride<2>, Padding<1>), f64>>(seed, rows);
        layer::<R3<2, 5, 4>, AdaptiveAvgPool2d<3, 3, f64>>(seed, rows);
        layer::<R3<2, 5, 4>, GlobalAvgPool<f64>>(seed, rows);
        layer::<R3<2, 5, 4>, GlobalMaxPool<f64>>(seed, rows);
    }

    #[test]
    fn normalisations(seed: u64, rows in 1_usize..4) {
        layer::<R2<2, 7>, LayerNorm<7, (), f64>>(seed, rows);
        layer::<R2<2, 7>, LayerNorm<7, NoAffine, f64>>(seed, rows);
        layer::<R1<20>, RmsNorm<20, (), f64>>(seed, rows);
        layer::<R3<4, 3, 2>, GroupNorm<2, 4, (), f64>>(seed, rows);
        layer::<R3<4, 3, 2>, GroupNorm<2, 4, NoBias, f64>>(seed, rows);
        layer::<R1<5>, BatchNorm<5, (), f64>>(seed, rows + 2);
        layer::<R3<3, 2, 4>, BatchNorm<3, (), f64>>(seed, rows);
        layer::<R2<3, 6>, InstanceNorm<3, NoAffine, f64>>(seed, rows);
    }

    #[test]
    fn resamplings_and_dropout(seed: u64, rows in 1_usize..4) {
        layer::<R3<2, 3, 2>, Upsample<2, Bilinear, f64>>(seed, rows);
        layer::<R3<4, 2, 3>, PixelShuffle<2, f64>>(seed, rows);
        layer::<R3<2, 3, 2>, ZeroPad2d<1, 0, 2, 1, f64>>(seed, rows);
        layer::<R3<5, 3, 2>, Dropout2d<40, 100, f64>>(seed, rows);
    }

    #[test]
    fn stack_of_windows(seed: u64, rows in 1_usize..4) {
        classifier::<Image<f64>>(seed, rows);
    }
}

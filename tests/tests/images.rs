//! Layers of images, signals and volumes against PyTorch, and their geometry.

use nanotorch::model::{Fit, Layer};
use nanotorch::op::pool::{Maximum, Mean};
use nanotorch::prelude::*;
use nanotorch_tests::check_layers;
use nanotorch_tests::layer_cases::LayerCases;

#[test]
fn every_golden_case() {
    let mut cases = LayerCases::open("images");
    check_layers! { cases;
        "conv1d": R2<2, 11>, |T| Conv1d<2, 3, 3, (), T>;
        "conv1d_options": R2<4, 12>, |T| Conv1d<4, 6, 3, (Stride<2>, Padding<2>, Dilation<2>, Groups<2, 2>), T>;
        "conv2d": R3<1, 5, 6>, |T| Conv2d<1, 2, 3, (), T>;
        "conv2d_no_bias": R3<3, 4, 5>, |T| Conv2d<3, 5, 2, NoBias, T>;
        "conv2d_pointwise": R3<5, 3, 2>, |T| Conv2d<5, 3, 1, (), T>;
        "conv2d_stride": R3<3, 7, 6>, |T| Conv2d<3, 4, 3, (Stride<2>, Padding<1>), T>;
        "conv2d_same": R3<2, 6, 5>, |T| Conv2d<2, 3, 4, Same, T>;
        "conv2d_dilation": R3<2, 7, 5>, |T| Conv2d<2, 3, 3, (Padding<2>, Dilation<2>), T>;
        "conv2d_groups": R3<4, 5, 4>, |T| Conv2d<4, 6, 3, Groups<2, 2>, T>;
        "conv2d_depthwise": R3<3, 4, 5>, |T| Conv2d<3, 6, 3, (Depthwise, Same), T>;
        "conv2d_rectangular": R3<2, 9, 6>,
            |T| Convolution<2, 3, R2<3, 5>, (Stride<2, 1>, Padding<1, 2>, Dilation<2, 1>), T>;
        "conv3d": R4<2, 3, 4, 3>, |T| Conv3d<2, 3, 2, (), T>;
        "conv3d_options": R4<2, 4, 3, 5>, |T| Conv3d<2, 4, 3, (Groups<2, 1>, Stride<2>, Padding<1>), T>;
        "conv_transpose1d": R2<3, 5>, |T| ConvTranspose1d<3, 2, 4, (Stride<3>, Padding<1>), T>;
        "conv_transpose2d": R3<3, 4, 3>,
            |T| ConvTranspose2d<3, 2, 3, (Stride<2>, Padding<1>, OutputPadding<1>), T>;
        "conv_transpose2d_groups": R3<4, 3, 3>, |T| ConvTranspose2d<4, 6, 2, (Stride<2>, Groups<2, 3>, NoBias), T>;
        "conv_transpose2d_dilation": R3<2, 3, 4>, |T| ConvTranspose2d<2, 3, 3, (Stride<2>, Dilation<2>), T>;
        "conv_transpose3d": R4<2, 2, 3, 2>, |T| ConvTranspose3d<2, 3, 2, Stride<2>, T>;
        "max_pool1d": R2<2, 11>, |T| MaxPool1d<3, Stride<2>, T>;
        "max_pool2d": R3<2, 6, 8>, |T| MaxPool2d<2, (), T>;
        "max_pool2d_odd": R3<2, 7, 5>, |T| MaxPool2d<2, (), T>;
        "max_pool2d_options": R3<2, 9, 8>, |T| MaxPool2d<3, (Stride<2>, Padding<1>, Dilation<2>), T>;
        "max_pool3d": R4<2, 3, 4, 3>, |T| MaxPool3d<2, Stride<1>, T>;
        "avg_pool1d": R2<2, 10>, |T| AvgPool1d<3, (Stride<2>, Padding<1>), T>;
        "avg_pool2d": R3<2, 6, 7>, |T| AvgPool2d<2, (), T>;
        "avg_pool2d_include": R3<2, 6, 7>, |T| AvgPool2d<3, (Stride<2>, Padding<1>), T>;
        "avg_pool2d_exclude": R3<2, 6, 7>, |T| AvgPool2dWithoutPadding<3, (Stride<2>, Padding<1>), T>;
        "avg_pool3d": R4<2, 3, 2, 3>, |T| AvgPool3d<2, (Stride<1>, Padding<1>), T>;
        "adaptive_avg_pool1d": R2<2, 10>, |T| AdaptiveAvgPool1d<3, T>;
        "adaptive_avg_pool2d": R3<2, 7, 6>, |T| AdaptiveAvgPool2d<3, 4, T>;
        "adaptive_avg_pool3d": R4<2, 3, 4, 5>, |T| AdaptiveAvgPool3d<2, T>;
        "layer_norm": R2<2, 19>, |T| LayerNorm<19, (), T>;
        "layer_norm_of_two": R3<2, 3, 7>, |T| LayerNormalization<R2<3, 7>, (), T>;
        "layer_norm_plain": R1<5>, |T| LayerNorm<5, (NoAffine, Epsilon<3>), T>;
        "layer_norm_no_bias": R1<33>, |T| LayerNorm<33, NoBias, T>;
        "rms_norm": R2<2, 17>, |T| RmsNorm<17, Epsilon<6>, T>;
        "group_norm": R3<6, 3, 5>, |T| GroupNorm<2, 6, (), T>;
        "group_norm_one": R2<3, 4>, |T| GroupNorm<1, 3, (), T>;
        "group_norm_of_features": R1<12>, |T| GroupNorm<3, 12, (), T>;
        "instance_norm2d": R3<3, 4, 5>, |T| InstanceNorm<3, NoAffine, T>;
        "instance_norm1d_affine": R2<4, 9>, |T| InstanceNorm<4, (), T>;
        "batch_norm1d": R1<7>, |T| BatchNorm<7, (), T>;
        "batch_norm2d": R3<4, 3, 6>, |T| BatchNorm<4, (), T>;
        "batch_norm3d_plain": R4<2, 2, 3, 3>, |T| BatchNorm<2, (NoAffine, Epsilon<3>), T>;
        "upsample_nearest": R3<2, 3, 2>, |T| Upsample<3, Nearest, T>;
        "upsample_bilinear": R3<2, 3, 4>, |T| Upsample<2, Bilinear, T>;
        "pixel_shuffle": R3<8, 3, 2>, |T| PixelShuffle<2, T>;
        "zero_pad2d": R3<2, 3, 4>, |T| ZeroPad2d<1, 2, 0, 3, T>;
    }
    cases.assert_complete();
}

/// What a layer says to an input that it can't take.
fn mismatch<I: Shape, L: Layer<I>>() -> String {
    let Fit::Mismatch(mismatch) = L::FIT else { panic!("it fits") };
    format!("{} | {} | {}", mismatch.takes, mismatch.given, mismatch.fix)
}

#[test]
fn geometry_is_told_with_its_arithmetic() {
    assert_eq!(
        mismatch::<R3<1, 28, 28>, Conv2d<1, 8, 31>>(),
        "takes a height of at least 31 | 28, and (28 + 2*0 - 31)/1 + 1 is no number of places | make the window smaller"
    );
    assert_eq!(
        mismatch::<R2<1, 6>, Conv1d<1, 8, 5, (Dilation<3>, Padding<2>)>>(),
        "takes a length of at least 9 | 6, and (6 + 2*2 - 3*(5 - 1) - 1)/1 + 1 is no number of places | make the window smaller"
    );
    assert_eq!(
        mismatch::<R3<3, 9, 9>, Conv2d<8, 16, 5>>(),
        "takes 8 channels | 3, the first of [3, 9, 9] | write `Conv2d<3, 16, 5>`"
    );
    assert_eq!(
        mismatch::<R1<784>, Conv2d<1, 8, 5>>(),
        "takes [channels, height, width] | [784] | put a `Reshape` before it"
    );
    assert_eq!(<Conv2d<1, 8, 5> as Layer<R3<1, 28, 28>>>::NOTE.as_str(), "(28 + 2*0 - 5)/1 + 1 = 24");
    assert_eq!(
        <MaxPool2d<2> as Layer<R3<1, 28, 13>>>::NOTE.as_str(),
        "(28 + 2*0 - 2)/2 + 1 = 14 x (13 + 2*0 - 2)/2 + 1 = 6"
    );
    assert!(<Convolution<1, 2, R2<3, 5>> as Layer<R3<1, 3, 5>>>::FIT.fits());
}

/// Windows that take everything are global pools.
#[test]
fn global_pools_take_a_whole_channel() {
    use nanotorch::run::Inference;

    #[model(input = [2, 2, 3])]
    struct Most {
        pool: nanotorch::layer::GlobalPooling<Maximum>,
    }
    #[model(input = [2, 2, 3])]
    struct Means {
        pool: nanotorch::layer::GlobalPooling<Mean>,
    }
    let x = [1.0, 2.0, 3.0, 6.0, 5.0, 4.0, -1.0, -2.0, -3.0, -6.0, -5.0, -4.0];
    assert_eq!(Inference::<Most, Const<1>>::new().run(&Most::new(1), &x).unwrap(), [6.0, -1.0]);
    assert_eq!(Inference::<Means, Const<1>>::new().run(&Means::new(1), &x).unwrap(), [3.5, -3.5]);
}

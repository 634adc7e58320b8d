//! The layers, a family a file: formula, shapes, forward and backward side by side.

mod activation;
mod batch_norm;
#[doc(hidden)]
pub mod applied;
mod channel_dropout;
mod convolution;
mod dropout;
mod linear;
mod normalization;
mod param;
mod pool;
pub(crate) mod resample;
mod reshape;
mod softmax;
mod transposed_convolution;
pub mod window;

pub use activation::{Elementwise, Elu, Gelu, GeluTanh, LeakyRelu, Relu, Sigmoid, Silu, Softplus, Tanh};
pub use batch_norm::{BatchNorm, BatchNormGradient};
pub use channel_dropout::{ChannelDropout, Dropout1d, Dropout2d, Dropout3d};
pub use convolution::{Conv1d, Conv2d, Conv3d, Convolution};
pub use dropout::Dropout;
pub use linear::{Bias, BiasOption, Linear, NoBias};
pub use normalization::{
    Epsilon, GroupNorm, InstanceNorm, LayerNorm, LayerNormalization, Momentum, NoAffine, NormOptions,
    RmsNorm, RmsNormalization,
};
pub use param::{ArrayShape, Beginning, Ones, Param, Uniform, Zeros};
pub use pool::{
    AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d, AdaptivePooling, AvgPool1d,
    AvgPool1dWithoutPadding, AvgPool2d, AvgPool2dWithoutPadding, AvgPool3d, AvgPool3dWithoutPadding,
    GlobalAvgPool, GlobalMaxPool, GlobalPooling, MaxPool1d, MaxPool2d, MaxPool3d, Pooling,
};
pub use resample::{
    Bilinear, Interpolation, Nearest, PixelShuffle, Resampled, Resampling, Upsample, ZeroPad2d,
};
pub use reshape::{Flatten, Reshape};
pub use softmax::{LogSoftmax, Rowwise, Softmax};
pub use transposed_convolution::{ConvTranspose1d, ConvTranspose2d, ConvTranspose3d, TransposedConvolution};
pub use window::{Depthwise, Dilation, Groups, OutputPadding, Padding, Same, Stride, WindowOptions};

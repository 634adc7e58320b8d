//! Layers whose samples have channels: of signals, images and volumes, whatever the axes behind the first.

mod batch_norm;
mod convolution;
mod dropout;
mod group_norm;
mod pool;
pub(crate) mod resample;
mod transposed_convolution;
pub mod window;

pub use batch_norm::{BatchNorm, BatchNormGradient, Momentum};
pub use convolution::{Conv1d, Conv2d, Conv3d, Convolution};
pub use dropout::{ChannelDropout, Dropout1d, Dropout2d, Dropout3d};
pub use group_norm::{GroupNorm, InstanceNorm};
pub use pool::{
    AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d, AdaptivePooling, AvgPool1d,
    AvgPool1dWithoutPadding, AvgPool2d, AvgPool2dWithoutPadding, AvgPool3d, AvgPool3dWithoutPadding,
    GlobalAvgPool, GlobalMaxPool, GlobalPooling, MaxPool1d, MaxPool2d, MaxPool3d, Pooling,
};
pub use resample::{
    Bilinear, Interpolation, Nearest, PixelShuffle, Resampled, Resampling, Upsample, ZeroPad2d,
};
pub use transposed_convolution::{ConvTranspose1d, ConvTranspose2d, ConvTranspose3d, TransposedConvolution};
pub use window::{Depthwise, Dilation, Groups, OutputPadding, Padding, Same, Stride, WindowOptions};

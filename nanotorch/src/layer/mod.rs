//! The layers, a family a file: formula, shapes, forward and backward side by side.

mod activation;
#[doc(hidden)]
pub mod applied;
#[cfg(feature = "convolution")]
mod channels;
mod dropout;
mod linear;
mod normalization;
mod param;
mod reshape;
mod softmax;

pub use activation::{Elementwise, Elu, Gelu, GeluTanh, LeakyRelu, Relu, Sigmoid, Silu, Softplus, Tanh};
#[cfg(feature = "convolution")]
pub use channels::*;
pub use dropout::Dropout;
pub use linear::{Bias, BiasOption, Linear, NoBias};
pub use normalization::{
    Epsilon, LayerNorm, LayerNormalization, NoAffine, NormOptions, RmsNorm, RmsNormalization,
};
pub use param::{ArrayShape, Beginning, Ones, Param, Uniform, Zeros};
pub use reshape::{Flatten, Reshape};
pub use softmax::{LogSoftmax, Rowwise, Softmax};

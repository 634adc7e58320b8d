//! The layers, a family a file: formula, shapes, forward and backward side by side.

mod activation;
mod dropout;
mod linear;
mod reshape;
mod softmax;

pub use activation::{Elementwise, Elu, Gelu, GeluTanh, LeakyRelu, Relu, Sigmoid, Silu, Softplus, Tanh};
pub use dropout::Dropout;
pub use linear::{Bias, BiasOption, Linear, NoBias};
pub use reshape::{Flatten, Reshape};
pub use softmax::{LogSoftmax, Rowwise, Softmax};

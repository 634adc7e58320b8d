//! The layers, a family a file: formula, shapes, forward and backward side by side.

mod activation;
mod dropout;
mod linear;
mod param;
mod reshape;
mod softmax;

pub use activation::{Elementwise, Elu, Gelu, GeluTanh, LeakyRelu, Relu, Sigmoid, Silu, Softplus, Tanh};
pub use dropout::Dropout;
pub use linear::{Bias, BiasOption, Linear, NoBias};
pub use param::{ArrayShape, Beginning, Ones, Param, Uniform, Zeros};
pub use reshape::{Flatten, Reshape};
pub use softmax::{LogSoftmax, Rowwise, Softmax};

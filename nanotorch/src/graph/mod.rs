//! Operations between edges of a forward function, a family a file: what `a + b` or `x.reshape(..)` stand for.

mod apply;
mod arrange;
mod binary;
pub(crate) mod broadcast;
pub mod function;
mod join;
mod normal;
mod pair;
mod product;
pub mod reduce;

pub use apply::{Apply, Detach, Pass};
pub use arrange::{Chunk, Concat, Flatten, Permute, Reshape, Slice, Stack, Transpose, TransposeLast};
pub use binary::{Add, Binary, Divide, Multiply, Subtract};
pub use join::{Join, Part, PartOf};
pub use normal::Rowwise;
pub use pair::{Maximum, Minimum, Raise, Remainder};
pub use product::MatrixProduct;
pub use reduce::{Reduce, ReduceAll};

/// What expansions of forward functions import: all of it, and the activation functions.
#[doc(hidden)]
pub mod names {
    pub use super::*;
    pub use crate::op::{activation, softmax};
}

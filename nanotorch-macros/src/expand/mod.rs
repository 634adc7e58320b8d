//! From what was understood to plain Rust.

mod backward;
mod check;
mod complete;
pub(crate) mod fallback;
mod forward;
mod generics;
mod gradcheck;
mod inherent;
mod layer;
mod model;
mod parameters;
mod plan;
mod program;
mod slot;

pub(crate) use complete::declared;
pub(crate) use layer::layer;
pub(crate) use model::{forward_of, hand_over, handing_over, model, model_with_forward};

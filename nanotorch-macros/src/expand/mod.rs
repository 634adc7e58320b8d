//! From what was understood to plain Rust.

mod backward;
mod check;
pub(crate) mod fallback;
mod forward;
mod generics;
mod model;
mod parameters;
mod plan;
mod slot;

pub(crate) use model::{layer, model};

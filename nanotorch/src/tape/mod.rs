//! Operations written down as they happen, and the way back: the gradient of a result by every number that went into it.
//!
//! Inside [`Tape::record`] tensors become variables, [`Var`]; what there is to do with tensors there is to do with them
//! ([`crate::tensor::Functions`] and its neighbours, operators, calls of layers and models), with the same checks of shapes. A
//! result's [`backward`](Var::backward) walks back through what was written down.
//!
//! ```
//! use nanotorch::{prelude::*, tensor};
//!
//! let mut tape = Tape::new();
//! let weight = tensor![[1.0, -2.0], [3.0, 0.5]];
//! let gradient = tape.record(|tape| {
//!     let weight = tape.variable(&weight);
//!     let x = tape.constant(&tensor![2.0, 1.0]);
//!     let loss = x.matmul(&weight).square().sum();
//!     loss.backward()?;
//!     Ok::<_, TapeError>(weight.grad())
//! })?;
//! assert_eq!(gradient, Some(tensor![[20.0, -14.0], [10.0, -7.0]]));
//! # Ok::<(), nanotorch::tape::TapeError>(())
//! ```
//! A variable belongs to the call of `record` that made it; outside, or beside variables of another tape, it doesn't compile:
//! ```compile_fail
//! use nanotorch::{prelude::*, tensor};
//! let x = Tape::<f32>::new().record(|tape| tape.variable(&tensor![1.0]));
//! ```
//! # Memory
//! Each value and gradient has a buffer. When `record` returns they go back to the tape, and the next call takes them from there:
//! a step that does what the last one did asks the system for nothing. What operations remember beside numbers is written over
//! what those of the last step remembered. Left are a small block for each call of a layer or loss, which holds on to parameters
//! or targets; the places of operations that have lists of them (`gather`, `index_select`, `sort`, `topk`, `select`); the copy of
//! the largest that `logsumexp` is scaled by; and what [`Var::gradient`] writes down, and [`Var::grad`] copies out: use
//! [`Var::with_grad`] where that counts.
//!
//! # Second derivatives
//! [`Var::gradient`] gives gradients as variables, which can be differentiated again. See [`crate::rule`] for where their
//! derivatives come from. All operations of tensors have them, and the library's losses; calls of layers and models have none. There,
//! and for a third or fourth derivative that nothing gives, it is a [`TapeError::Order`] that names the operation: never a gradient
//! that silently is 0.

mod call;
mod error;
mod history;
mod operator;
mod pass;
mod pool;
mod score;
mod store;
mod var;

pub use call::{BatchOf, Called};
pub use error::TapeError;
pub use history::{History, Step};
pub use store::{Recording, Tape};
pub use var::{Taped, Var};

//! Weights in files: safetensors, with PyTorch's names and shapes.
//!
//! [`save`] and [`load`] are for a model alone; [`Contents`] and [`Checkpoint`] hold all that training needs to go on as if it
//! had never stopped: model, optimizer, moving average, random numbers, notes.
//!
//! ```
//! use nanotorch::{checkpoint, prelude::*};
//!
//! #[model(input = [4])]
//! pub struct Net {
//!     fc1: Linear<4, 16>,
//!     relu: Relu,
//!     fc2: Linear<16, 2>,
//! }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = std::env::temp_dir().join(format!("nanotorch-checkpoint-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let path = folder.join("net.safetensors");
//! let net = Net::new(1);
//! checkpoint::save(&*net, &path)?;
//! let mut again = Net::new(2);
//! checkpoint::load(&mut *again, &path)?;
//! assert_eq!(net.fc1.weight, again.fc1.weight);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok(())
//! # }
//! ```
//!
//! - A file is written beside its place and then moved there: at every moment the old or the new one is there, whole.
//! - A load either does all or nothing: on an error, whatever was to be loaded is as it was, bit for bit. The error names every
//!   tensor that is missing, too many, or of another shape or element type.
//! - PyTorch opens the file with `safetensors.torch.load_file`, and a state dict saved there can be loaded here.
//! - The same contents are the same bytes.
//!
//! The format is read and written here, in a few hundred lines, rather than with the crate `safetensors`: that costs 12 s of
//! compiling, writes metadata in no fixed order, and can't say how much of a truncated file is missing. The tests hold both
//! to each other.
//!
//! Source: <https://github.com/huggingface/safetensors#format>.

mod contents;
mod error;
#[cfg(feature = "std")]
mod file;
mod header;
mod json;
mod number;
mod order;
mod restore;

pub use contents::Contents;
pub use error::{CheckpointError, Problem, TensorProblem};
pub use restore::{Checkpoint, Restore};

use alloc::vec::Vec;
#[cfg(feature = "std")]
use std::path::Path;

use crate::model::Parameters;

/// Writes the parameters of a model to a file, in one move: the file is never half written.
///
/// # Errors
/// The folder doesn't exist or can't be written to, the disk is full: the error says what failed, with the path. What stood
/// there before still does.
#[cfg(feature = "std")]
pub fn save<M: Parameters>(model: &M, path: impl AsRef<Path>) -> Result<(), CheckpointError> {
    Contents::new().model(model).save(path)
}

/// Reads the parameters of a model from a file: all of them, or none.
///
/// Names, shapes and element type have to be those of the model. From a checkpoint of a training it takes the model alone.
///
/// # Errors
/// The file can't be read, isn't whole, isn't a safetensors file, or its tensors aren't the model's; the error names all
/// that differ. The model is as it was then.
#[cfg(feature = "std")]
pub fn load<M: Parameters>(model: &mut M, path: impl AsRef<Path>) -> Result<(), CheckpointError> {
    Checkpoint::open(path)?.restore().model(model).finish()
}

/// As [`load`], of a file with another element type: `F64`, `F32`, `F16` and `BF16` are converted to the model's, rounded to
/// the nearest number.
///
/// # Errors
/// As of [`load`], and if a number is beyond the range of the model's element type.
#[cfg(feature = "std")]
pub fn load_converting<M: Parameters>(model: &mut M, path: impl AsRef<Path>) -> Result<(), CheckpointError> {
    Checkpoint::open(path)?.restore().converting().model(model).finish()
}

/// The parameters of a model as the bytes of a safetensors file.
///
/// # Errors
/// Two tensors have the same name.
pub fn to_bytes<M: Parameters>(model: &M) -> Result<Vec<u8>, CheckpointError> {
    Contents::new().model(model).to_bytes()
}

/// Reads the parameters of a model from the bytes of a safetensors file: all of them, or none.
///
/// ```
/// use nanotorch::{checkpoint, prelude::*};
/// # #[model(input = [4])]
/// # pub struct Net {
/// #     fc: Linear<4, 16>,
/// # }
/// let bytes = checkpoint::to_bytes(&*Net::new(1))?;
/// let mut net = Net::new(2);
/// checkpoint::from_bytes(&mut *net, &bytes)?;
/// assert_eq!(net.fc.bias, Net::new(1).fc.bias);
/// # Ok::<(), checkpoint::CheckpointError>(())
/// ```
/// # Errors
/// As of [`load`].
pub fn from_bytes<M: Parameters>(model: &mut M, bytes: &[u8]) -> Result<(), CheckpointError> {
    Checkpoint::from_bytes(bytes)?.restore().model(model).finish()
}

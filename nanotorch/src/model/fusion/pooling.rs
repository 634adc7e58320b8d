//! A maximum under windows as a part of the convolution before it.

#[cfg(not(feature = "convolution"))]
pub(super) use absent::{Convolution, Window};

#[cfg(feature = "convolution")]
pub(super) use crate::kernel::{convolution::Convolution, window::Window};

/// Numbers of workspace that a convolution needs beside its own to pool its result on the way out, if it can, and if the result
/// is all that there is: `length` numbers.
#[cfg(feature = "convolution")]
pub(super) const fn workspace(size: &Convolution, pool: &Window, length: usize) -> Option<usize> {
    if size.pools(pool) && size.output_length() == length { Some(size.pooled_workspace(pool)) } else { None }
}

/// None, as there are no convolutions.
#[cfg(not(feature = "convolution"))]
pub(super) const fn workspace(_: &Convolution, _: &Window, _: usize) -> Option<usize> {
    None
}

/// Where the library has no convolutions, nothing makes one of these.
#[cfg(not(feature = "convolution"))]
mod absent {
    /// A convolution.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Convolution(());

    /// A window that slides over the channels.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Window(());
}

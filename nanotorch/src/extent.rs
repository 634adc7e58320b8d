//! Lengths that are known to the compiler, and lengths that are not.
//!
//! A kernel is written once for any [`Extent`]. Called with [`Const<N>`] the length folds into the code (tails, tiles and
//! unrolling are decided by the compiler); called with a `usize` the same algorithm is shared by all sizes.

/// A length: a type-level constant ([`Const`]) or a run-time number (`usize`).
pub trait Extent: Copy + Send + Sync + 'static {
    /// The length, where the compiler knows it.
    const KNOWN: Option<usize>;
    /// The length as a number.
    fn get(self) -> usize;
}

/// The length `N`, as a type. It takes no memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Const<const N: usize>;

impl<const N: usize> Extent for Const<N> {
    const KNOWN: Option<usize> = Some(N);
    #[inline(always)]
    fn get(self) -> usize {
        N
    }
}

impl Extent for usize {
    const KNOWN: Option<usize> = None;
    #[inline(always)]
    fn get(self) -> usize {
        self
    }
}

//! What happens to a sum of products before it is stored: nothing, a bias, an activation.

use crate::element::Float;
use crate::simd::{Simd, VectorOf};

/// The last step of each element.
///
/// ```text
/// C(row, column) = map(sum + bias(column))
/// ```
pub trait Epilogue<S: Simd, T: Float>: Copy {
    /// Whether there is anything to [`map`](Epilogue::map).
    const MAPS: bool = false;
    /// What is added to each row, if anything is.
    #[inline(always)]
    fn bias(&self) -> Option<&[T]> {
        None
    }
    /// What becomes of sums with their bias.
    #[inline(always)]
    fn map(self, _: S, sum: VectorOf<S, T>) -> VectorOf<S, T> {
        sum
    }
}

/// C = sum.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

impl<S: Simd, T: Float> Epilogue<S, T> for Plain {}

/// C = sum + bias(column).
#[derive(Clone, Copy, Debug)]
pub struct Bias<'a, T>(pub &'a [T]);

impl<S: Simd, T: Float> Epilogue<S, T> for Bias<'_, T> {
    #[inline(always)]
    fn bias(&self) -> Option<&[T]> {
        Some(self.0)
    }
}

/// C = map(E), with what another epilogue makes of the sum.
#[derive(Clone, Copy, Debug)]
pub struct Then<E, F>(pub E, pub F);

impl<S: Simd, T: Float, E: Epilogue<S, T>, F: Fn(VectorOf<S, T>) -> VectorOf<S, T> + Copy> Epilogue<S, T>
    for Then<E, F>
{
    const MAPS: bool = true;
    #[inline(always)]
    fn bias(&self) -> Option<&[T]> {
        self.0.bias()
    }
    #[inline(always)]
    fn map(self, simd: S, sum: VectorOf<S, T>) -> VectorOf<S, T> {
        self.1(self.0.map(simd, sum))
    }
}

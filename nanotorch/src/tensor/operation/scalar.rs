//! One number from a tensor, as a number.
//!
//! Sums are made in an order that depends on the length alone (see [`crate::kernel::reduce`]), so they are the same on every machine.

use super::{TensorError, View};
use crate::element::Float;
use crate::kernel::reduce;
use crate::shape::{Layout, Shape};
use crate::simd::{Simd, WithSimd, dispatch};

macro_rules! whole {
    ($($(#[$doc:meta])* $name:ident($kernel:ident) -> $Output:ty { $Work:ident })*) => {
        $(
            struct $Work<'a, T>(&'a [T]);

            impl<T: Float> WithSimd for $Work<'_, T> {
                type Output = $Output;
                #[inline(always)]
                fn run<S: Simd>(self, simd: S) -> $Output {
                    reduce::$kernel(simd, self.0)
                }
            }
        )*

        impl<S: Shape, T: Float> View<S, T> {
            $(
                $(#[$doc])*
                pub fn $name(&self) -> $Output {
                    dispatch($Work(self.as_slice()))
                }
            )*
        }
    };
}
whole! {
    /// The sum of all elements; of nothing 0.
    sum(sum) -> T { SumOf }
    /// The mean of all elements; of nothing NaN.
    mean(mean) -> T { MeanOf }
    /// The largest element; NaN if there is one, minus infinity of nothing.
    max(maximum) -> T { MaximumOf }
    /// The smallest element; NaN if there is one, infinity of nothing.
    min(minimum) -> T { MinimumOf }
}

impl<S: Shape, T: Float> View<S, T> {
    /// The place of the largest element, the first of equals.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![[1.0, 9.0], [3.0, 4.0]].argmax()?, [0, 1]);
    /// let error = tensor![1.0, f32::NAN].argmax().unwrap_err();
    /// assert_eq!(error.to_string(), "the number at [1] is NaN, so none is the largest or smallest");
    /// # Ok::<(), nanotorch::tensor::TensorError>(())
    /// ```
    ///
    /// # Errors
    /// A NaN; or there are no elements.
    pub fn argmax(&self) -> Result<S::Index, TensorError> {
        let largest = self.max();
        match self.indexed().find(|&(_, &x)| x == largest || x.is_nan()) {
            Some((index, x)) if x.is_nan() => Err(TensorError::Nan { at: Layout::new(index.as_ref()) }),
            Some((index, _)) => Ok(index),
            None => Err(TensorError::Empty { shape: self.layout() }),
        }
    }
}

//! New tensors: of one number, of a slice, of a function, of a seed.

use core::marker::PhantomData;
use core::ops::Range;

use super::{Tensor, TensorError, View};
use crate::element::{Element, Float, Wide};
use crate::random::Random;
use crate::shape::{Dim, Shape};
use crate::storage::Block;

impl<S: Shape, T: Element> Tensor<S, T> {
    /// 0 everywhere. Of a leading [`UpTo`](crate::shape::UpTo) there are as many rows as it can have, as with all
    /// constructors but [`Tensor::from_slice`]; [`Tensor::set_rows`] changes that.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    /// assert_eq!(Tensor::<R2<2, 2>>::zeros().as_slice(), [0.0; 4]);
    /// ```
    #[must_use]
    pub fn zeros() -> Self {
        Tensor { block: Block::zeros(S::LEN), length: S::LEN, shape: PhantomData }
    }

    /// 1 everywhere.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    /// assert_eq!(Tensor::<R1<2>, i64>::ones().as_slice(), [1, 1]);
    /// ```
    #[must_use]
    pub fn ones() -> Self {
        Self::full(T::narrow(Wide::Unsigned(1)))
    }

    /// `number` everywhere.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    /// assert_eq!(Tensor::<R1<2>>::full(0.5).as_slice(), [0.5, 0.5]);
    /// ```
    #[must_use]
    pub fn full(number: T) -> Self {
        let mut tensor = Self::zeros();
        tensor.as_mut_slice().fill(number);
        tensor
    }

    /// A copy of `numbers`, which are taken row by row.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    ///
    /// let numbers = [1.0, 2.0, 3.0, 4.0];
    /// assert_eq!(Tensor::<R2<2, 2>>::from_slice(&numbers)?[[0, 1]], 2.0);
    ///
    /// let error = Tensor::<(UpTo<8>, Const<3>)>::from_slice(&numbers).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "4 numbers don't make the shape [up to 8, 3], which takes a multiple of 3, at most 24"
    /// );
    /// # Ok::<(), nanotorch::tensor::TensorError>(())
    /// ```
    ///
    /// # Errors
    /// As of [`View::from_slice`].
    pub fn from_slice(numbers: &[T]) -> Result<Self, TensorError> {
        View::from_slice(numbers).map(alloc::borrow::ToOwned::to_owned)
    }

    /// `f(index)` at each index, row by row.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    ///
    /// let distances = Tensor::<R2<3, 3>, i32>::from_fn(|[i, j]| i.abs_diff(j) as i32);
    /// assert_eq!(distances.as_slice(), [0, 1, 2, 1, 0, 1, 2, 1, 0]);
    /// ```
    #[must_use]
    pub fn from_fn(mut f: impl FnMut(S::Index) -> T) -> Self {
        let mut tensor = Self::zeros();
        let indices = tensor.indices();
        for (number, index) in tensor.iter_mut().zip(indices) {
            *number = f(index);
        }
        tensor
    }
}

impl<S: Shape, T: Float> Tensor<S, T> {
    /// Random numbers of the range, each equally likely: `start <= x < end`. The same seed gives the same numbers.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    ///
    /// let noise = Tensor::<R2<4, 4>>::uniform(7, -1.0..1.0);
    /// assert!(noise.iter().all(|x| (-1.0..1.0).contains(x)));
    /// assert_eq!(noise, Tensor::uniform(7, -1.0..1.0));
    /// ```
    #[must_use]
    pub fn uniform(seed: u64, range: Range<T>) -> Self {
        let mut random = Random::new(seed);
        let (start, width) = (range.start.to_f64(), range.end.to_f64() - range.start.to_f64());
        Self::from_fn(|_| {
            let number = T::from_f64(start + width * random.uniform_f64());
            // Rounding can reach the end, which isn't in the range.
            if number == range.end { range.start } else { number }
        })
    }

    /// Random numbers of the normal distribution with mean 0 and variance 1. The same seed gives the same numbers.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    ///
    /// let noise = Tensor::<R1<1000>, f64>::normal(7);
    /// assert!(noise.iter().sum::<f64>().abs() < 100.0);
    /// ```
    #[must_use]
    pub fn normal(seed: u64) -> Self {
        let mut random = Random::new(seed);
        Self::from_fn(|_| T::from_f64(random.normal()))
    }
}

impl<N: Dim, T: Float> Tensor<(N,), T> {
    /// `start + i * step` at index `i`.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    /// assert_eq!(Tensor::<R1<4>>::arange(1.0, 0.5).as_slice(), [1.0, 1.5, 2.0, 2.5]);
    /// ```
    #[must_use]
    pub fn arange(start: T, step: T) -> Self {
        Self::from_fn(|[i]| start + T::from_usize(i) * step)
    }

    /// Evenly spaced numbers from `start` to `end`, both included; `start` where there is only one.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    /// assert_eq!(Tensor::<R1<5>>::linspace(0.0, 1.0).as_slice(), [0.0, 0.25, 0.5, 0.75, 1.0]);
    /// ```
    #[must_use]
    pub fn linspace(start: T, end: T) -> Self {
        let last = N::N.saturating_sub(1);
        let step = (end - start) / T::from_usize(last.max(1));
        // Each half counts from its own end, so that both ends are exact and the whole is symmetric.
        Self::from_fn(|[i]| {
            if 2 * i <= last { start + T::from_usize(i) * step } else { end - T::from_usize(last - i) * step }
        })
    }
}

impl<A: Dim, B: Dim, T: Float> Tensor<(A, B), T> {
    /// 1 where row and column are the same, else 0.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    /// assert_eq!(Tensor::<R2<2, 3>>::eye().as_slice(), [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    /// ```
    #[must_use]
    pub fn eye() -> Self {
        Self::from_fn(|[row, column]| if row == column { T::ONE } else { T::ZERO })
    }
}

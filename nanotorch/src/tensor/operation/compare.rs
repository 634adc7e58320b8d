//! Comparisons, truth values, and integers that are divided.

use alloc::vec;
use alloc::vec::Vec;

use super::axis::Broadcast;
use super::face::{Eager, Face, Numbers};
use super::operator::Integer;
use super::reduce::Along;
use super::{Tensor, TensorError, View, check};
use crate::element::{Element, Float};
use crate::graph;
use crate::rule::{Arrange, Broadcasting, Movement, order_by};
use crate::shape::{Layout, Shape};

fn zip<A: Shape, B: Shape, R: Shape, T: Element, U: Element>(
    a: &View<A, T>,
    b: &View<B, T>,
    f: impl Fn(T, T) -> U,
) -> Tensor<R, U> {
    let mut result = Tensor::<R, U>::to_fill();
    let layouts = [Layout::of::<A>(), Layout::of::<B>()];
    Broadcasting::new(Layout::of::<R>(), layouts).zip(f, a.as_slice(), b.as_slice(), result.as_mut_slice());
    result
}

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident $operator:tt;)*) => {
        /// Comparisons, element by element with broadcasting; NaN equals nothing and is neither less nor greater.
        ///
        /// ```
        /// use nanotorch::{prelude::*, tensor};
        /// let x = tensor![[1.0, 5.0], [3.0, f32::NAN]];
        /// assert_eq!(x.greater(&tensor![2.0]), Tensor::from([[false, true], [true, false]]));
        /// ```
        impl<S: Shape, T: Element> View<S, T> {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name<R: Shape>(&self, other: &View<R, T>) -> Tensor<S::Out, bool>
                where
                    S: Broadcast<R>,
                {
                    const { check::operation::<(S, R), graph::Add, S::Out>() };
                    zip(self, other, |a, b| a $operator b)
                }
            )*
        }
    };
}
comparisons! {
    /// `a == b`.
    equal ==;
    /// `a != b`.
    not_equal !=;
    /// `a < b`.
    less <;
    /// `a <= b`.
    less_equal <=;
    /// `a > b`.
    greater >;
    /// `a >= b`.
    greater_equal >=;
}

impl<S: Shape, T: Float> View<S, T> {
    /// Where it is NaN.
    #[must_use]
    pub fn is_nan(&self) -> Tensor<S, bool> {
        self.map(Float::is_nan)
    }

    /// Where it is neither infinite nor NaN.
    #[must_use]
    pub fn is_finite(&self) -> Tensor<S, bool> {
        self.map(Float::is_finite)
    }
}

macro_rules! logic {
    ($($(#[$doc:meta])* $name:ident |$a:ident, $b:ident| $value:expr;)*) => {
        /// Truth values, element by element with broadcasting.
        ///
        /// ```
        /// use nanotorch::{prelude::*, tensor};
        /// let x = tensor![-1.0, 0.5, 2.0];
        /// let within = x.greater(&tensor![0.0]).and(&x.less(&tensor![1.0]));
        /// assert_eq!(within, Tensor::from([false, true, false]));
        /// assert!(within.any() && !within.all());
        /// ```
        impl<S: Shape> View<S, bool> {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name<R: Shape>(&self, other: &View<R, bool>) -> Tensor<S::Out, bool>
                where
                    S: Broadcast<R>,
                {
                    const { check::operation::<(S, R), graph::Add, S::Out>() };
                    zip(self, other, |$a, $b| $value)
                }
            )*

            /// Not.
            #[must_use]
            pub fn not(&self) -> Tensor<S, bool> {
                self.map(|a| !a)
            }

            /// Whether one is true.
            pub fn any(&self) -> bool {
                self.iter().any(|&a| a)
            }

            /// Whether each is true.
            pub fn all(&self) -> bool {
                self.iter().all(|&a| a)
            }
        }
    };
}
logic! {
    /// Both.
    and |a, b| a & b;
    /// One, or both.
    or |a, b| a | b;
    /// One, but not both.
    xor |a, b| a ^ b;
}

impl<S: Shape, T: Integer> View<S, T> {
    /// `floor(a / b)`: integers rounded downwards, as Python's `//`.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    /// let a = Tensor::<R1<2>, i64>::from([-7, 7]);
    /// assert_eq!(a.div_floor(&Tensor::<R1<1>, i64>::from([2]))?, Tensor::from([-4, 3]));
    /// let error = a.div_floor(&Tensor::<R1<2>, i64>::from([2, 0])).unwrap_err();
    /// assert_eq!(error.to_string(), "the divisor at [1] is 0");
    /// # Ok::<(), nanotorch::tensor::TensorError>(())
    /// ```
    ///
    /// # Errors
    /// A divisor of 0.
    pub fn div_floor<R: Shape>(&self, other: &View<R, T>) -> Result<Tensor<S::Out, T>, TensorError>
    where
        S: Broadcast<R>,
    {
        const { check::operation::<(S, R), graph::Add, S::Out>() };
        divisors(other)?;
        Ok(zip(self, other, T::divide))
    }

    /// `a - b floor(a / b)`: the remainder with the sign of `b`, as Python's `%`.
    ///
    /// # Errors
    /// A divisor of 0.
    pub fn rem_floor<R: Shape>(&self, other: &View<R, T>) -> Result<Tensor<S::Out, T>, TensorError>
    where
        S: Broadcast<R>,
    {
        const { check::operation::<(S, R), graph::Add, S::Out>() };
        divisors(other)?;
        Ok(zip(self, other, |a: T, b| a.minus(T::divide(a, b).times(b))))
    }
}

fn divisors<S: Shape, T: Integer>(divisors: &View<S, T>) -> Result<(), TensorError> {
    match divisors.indexed().find(|&(_, &divisor)| divisor == T::default()) {
        Some((index, _)) => Err(TensorError::zero(index.as_ref())),
        None => Ok(()),
    }
}

/// Places and truth values along axes.
///
/// ```
/// use nanotorch::{prelude::*, tensor};
///
/// let scores = tensor![[0.1, 0.7, 0.2], [0.8, 0.1, 0.1]];
/// assert_eq!(scores.along::<R1<1>>().argmax()?, Tensor::from([1_i64, 0]));
/// assert_eq!(scores.greater(&tensor![0.5]).along::<R1<0>>().any(), Tensor::from([true, true, false]));
/// let error = tensor![1.0, f32::NAN].whole().argmax().unwrap_err();
/// assert_eq!(error.to_string(), "the number at [1] is NaN, so none is the largest or smallest");
/// # Ok::<(), nanotorch::tensor::TensorError>(())
/// ```
impl<T: Element, N: Numbers<Face = Eager<T>> + ?Sized, R: Shape> Along<'_, N, R> {
    /// The place of the largest along the axes that are named, or of the whole; the first of equals. Several axes are counted
    /// through row by row.
    ///
    /// # Errors
    /// A NaN.
    pub fn argmax(&self) -> Result<Tensor<R, i64>, TensorError> {
        self.extreme(true)
    }

    /// The place of the smallest, likewise.
    ///
    /// # Errors
    /// A NaN.
    pub fn argmin(&self) -> Result<Tensor<R, i64>, TensorError> {
        self.extreme(false)
    }

    fn extreme(&self, largest: bool) -> Result<Tensor<R, i64>, TensorError> {
        let x = self.numbers.raw();
        let (numbers, layout) = (x.numbers(), Eager::layout(x));
        if let Some(place) = numbers.iter().position(|x| x.partial_cmp(x).is_none()) {
            return Err(TensorError::Nan { at: layout.index(place) });
        }
        // What is looked through comes last, in a row.
        let others: usize = (0..layout.rank())
            .filter(|axis| !self.axes.contains(axis))
            .map(|axis| layout.lengths()[axis])
            .product();
        let order: Vec<usize> = (0..layout.rank())
            .filter(|axis| !self.axes.contains(axis))
            .chain(self.axes.iter().copied())
            .collect();
        let length = self.axes.iter().map(|&axis| layout.lengths()[axis]).product();
        if others > 0 && length == 0 {
            return Err(TensorError::Empty { shape: layout });
        }
        let mut rows = vec![T::default(); numbers.len()];
        Arrange::permuted(layout, &order).carry(&[numbers], &mut rows);
        let places = order_by(&rows, Layout::new(&[others, length]), 1, 1, largest);
        Ok(Tensor::of_numbers(places.into_iter().map(|place| (place % length) as i64)))
    }
}

/// `f(.. f(f(start, x[0]), x[1]) ..)` along axes, one after the other: for types that aren't floats.
pub(super) fn fold_places<T: Element, R: Shape>(
    numbers: &[T],
    layout: Layout,
    axes: &[usize],
    start: T,
    f: impl Fn(T, T) -> T,
) -> Tensor<R, T> {
    let kept = || (0..layout.rank()).filter(|axis| !axes.contains(axis));
    let mut result = vec![start; kept().map(|axis| layout.lengths()[axis]).product()];
    for (from, &number) in numbers.iter().enumerate() {
        let index = layout.index(from);
        let place = kept().fold(0, |place, axis| place * layout.lengths()[axis] + index.lengths()[axis]);
        result[place] = f(result[place], number);
    }
    Tensor::of_numbers(result.into_iter())
}

impl<N: Numbers<Face = Eager<bool>> + ?Sized, R: Shape> Along<'_, N, R> {
    /// Whether one is true.
    #[must_use]
    pub fn any(&self) -> Tensor<R, bool> {
        self.truth(false)
    }

    /// Whether each is true.
    #[must_use]
    pub fn all(&self) -> Tensor<R, bool> {
        self.truth(true)
    }

    fn truth(&self, all: bool) -> Tensor<R, bool> {
        let x = self.numbers.raw();
        fold_places(x.numbers(), Eager::layout(x), self.axes, all, |result, truth| {
            if all { result & truth } else { result | truth }
        })
    }
}

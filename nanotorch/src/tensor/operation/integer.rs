//! Reductions of integers, which wrap around as their other arithmetic does.
//!
//! ```
//! use nanotorch::prelude::*;
//!
//! let table = Tensor::<R2<2, 3>, i64>::from([[1, 2, 3], [4, 5, 6]]);
//! assert_eq!(table.along::<R1<0>>().sum(), Tensor::from([5, 7, 9]));
//! assert_eq!(table.whole().prod(), Tensor::from(720));
//! assert_eq!(table.along::<R1<1>>().max(), Tensor::from([3, 6]));
//! ```

use super::compare::fold_places;
use super::face::{Eager, Face, Numbers};
use super::operator::Integer;
use super::{Along, Tensor, View};
use crate::shape::Shape;

macro_rules! integers {
    ($($integer:ident)*) => {
        $(
            // The compiler must see that these aren't floats, so they are named one by one.
            integers!(@reductions View $integer);
            integers!(@reductions Tensor $integer);
        )*
    };
    (@reductions $Numbers:ident $integer:ident) => {
        /// Sums, products and extremes of integers.
        impl<S: Shape, R: Shape> Along<'_, $Numbers<S, $integer>, R> {
            /// The sum, wrapping around; 0 of nothing.
            #[must_use]
            pub fn sum(&self) -> Tensor<R, $integer> {
                self.fold_integers(0, Integer::plus)
            }

            /// The product, wrapping around; 1 of nothing.
            #[must_use]
            pub fn prod(&self) -> Tensor<R, $integer> {
                self.fold_integers(1, Integer::times)
            }

            /// The largest; of nothing, the least number of the type.
            #[must_use]
            pub fn max(&self) -> Tensor<R, $integer> {
                self.fold_integers($integer::MIN, Ord::max)
            }

            /// The smallest; of nothing, the greatest number of the type.
            #[must_use]
            pub fn min(&self) -> Tensor<R, $integer> {
                self.fold_integers($integer::MAX, Ord::min)
            }
        }
    };
}
integers!(i32 i64 u8);

impl<T: Integer, N: Numbers<Face = Eager<T>> + ?Sized, R: Shape> Along<'_, N, R> {
    fn fold_integers(&self, start: T, f: impl Fn(T, T) -> T) -> Tensor<R, T> {
        let x = self.numbers.raw();
        fold_places(x.numbers(), Eager::<T>::layout(x), self.axes, start, f)
    }
}

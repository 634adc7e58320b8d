//! `a + b`, `a - b`, `a * b`, `a / b` and `-a`, element by element.
//!
//! Shapes are aligned at the last axis, as in NumPy; an axis of length 1, or one that isn't there, is repeated. The result has
//! the type of the operand with more axes, or of the left one. Where neither has the result's shape, bring one into it with
//! [`View::broadcast`]. `a += b` and kin leave `a` its shape.
//!
//! ```
//! use nanotorch::{prelude::*, tensor};
//!
//! let table = tensor![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
//! let doubled: Tensor<R2<2, 3>> = 2.0 * &table;
//! assert_eq!(&table + &table, doubled);
//! assert_eq!(&table - tensor![1.0, 2.0, 3.0], tensor![[0.0, 0.0, 0.0], [3.0, 3.0, 3.0]]);
//! assert_eq!(tensor![[1.0], [2.0]].broadcast::<R2<2, 2>>() * tensor![1.0, 0.0], tensor![[1.0, 0.0], [2.0, 0.0]]);
//! ```
//! Shapes that don't fit don't compile:
//! ```compile_fail,E0080
//! use nanotorch::prelude::*;
//! let sum = Tensor::<R2<2, 3>>::ones() + Tensor::<R1<4>>::ones();
//! ```
//! and the left side of `+=` can't grow:
//! ```compile_fail,E0080
//! use nanotorch::prelude::*;
//! let mut vector = Tensor::<R1<3>>::ones();
//! vector += Tensor::<R2<2, 3>>::ones();
//! ```

use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use super::axis::Broadcast;
use super::operate::{check, operate};
use super::{Tensor, View};
use crate::element::Float;
use crate::graph;
use crate::shape::{R0, Shape};

impl<S: Shape, T: Float> View<S, T> {
    /// The numbers repeated along axes of length 1, or that aren't there, so that they fill the shape `R`.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![[1.0], [2.0]].broadcast::<R2<2, 2>>(), tensor![[1.0, 1.0], [2.0, 2.0]]);
    /// ```
    #[must_use]
    pub fn broadcast<R: Shape>(&self) -> Tensor<R, T> {
        const { check::<T, (S, R), graph::Add, R>() };
        operate::<(S, R), _, _, _>(&graph::Add, &[self.as_slice(), Tensor::<R, T>::zeros().as_slice()])
    }
}

macro_rules! operator {
    ($Trait:ident $method:ident, $Assign:ident $assign:ident, $Op:ident) => {
        operator!(@tensors $Op $Trait $method, &View<S, T>, &View<R, T>);
        operator!(@tensors $Op $Trait $method, &View<S, T>, &Tensor<R, T>);
        operator!(@tensors $Op $Trait $method, &View<S, T>, Tensor<R, T>);
        operator!(@tensors $Op $Trait $method, &Tensor<S, T>, &View<R, T>);
        operator!(@tensors $Op $Trait $method, &Tensor<S, T>, &Tensor<R, T>);
        operator!(@tensors $Op $Trait $method, &Tensor<S, T>, Tensor<R, T>);
        operator!(@tensors $Op $Trait $method, Tensor<S, T>, &View<R, T>);
        operator!(@tensors $Op $Trait $method, Tensor<S, T>, &Tensor<R, T>);
        operator!(@tensors $Op $Trait $method, Tensor<S, T>, Tensor<R, T>);
        operator!(@number $Op $Trait $method, &View<S, T>);
        operator!(@number $Op $Trait $method, &Tensor<S, T>);
        operator!(@number $Op $Trait $method, Tensor<S, T>);
        operator!(@assign $Op $Assign $assign, &View<R, T>);
        operator!(@assign $Op $Assign $assign, &Tensor<R, T>);
        operator!(@assign $Op $Assign $assign, Tensor<R, T>);
        operator!(@left $Op $Trait $method f32);
        operator!(@left $Op $Trait $method f64);

        impl<S: Shape, T: Float> $Assign<T> for Tensor<S, T> {
            fn $assign(&mut self, number: T) {
                const { check::<T, (S, R0), graph::$Op, S>() };
                *self = operate::<(S, R0), _, _, _>(&graph::$Op, &[self.as_slice(), &[number]]);
            }
        }
    };
    (@tensors $Op:ident $Trait:ident $method:ident, $Left:ty, $Right:ty) => {
        impl<S: Broadcast<R>, R: Shape, T: Float> $Trait<$Right> for $Left {
            type Output = Tensor<S::Out, T>;
            fn $method(self, right: $Right) -> Self::Output {
                const { check::<T, (S, R), graph::$Op, S::Out>() };
                operate::<(S, R), _, _, _>(&graph::$Op, &[self.as_slice(), right.as_slice()])
            }
        }
    };
    (@number $Op:ident $Trait:ident $method:ident, $Left:ty) => {
        impl<S: Shape, T: Float> $Trait<T> for $Left {
            type Output = Tensor<S, T>;
            fn $method(self, number: T) -> Self::Output {
                const { check::<T, (S, R0), graph::$Op, S>() };
                operate::<(S, R0), _, _, _>(&graph::$Op, &[self.as_slice(), &[number]])
            }
        }
    };
    (@left $Op:ident $Trait:ident $method:ident $number:ident) => {
        impl<S: Shape> $Trait<&View<S, $number>> for $number {
            type Output = Tensor<S, $number>;
            fn $method(self, right: &View<S, $number>) -> Self::Output {
                const { check::<$number, (R0, S), graph::$Op, S>() };
                operate::<(R0, S), _, _, _>(&graph::$Op, &[&[self], right.as_slice()])
            }
        }

        impl<S: Shape> $Trait<&Tensor<S, $number>> for $number {
            type Output = Tensor<S, $number>;
            fn $method(self, right: &Tensor<S, $number>) -> Self::Output {
                self.$method(right.view())
            }
        }

        impl<S: Shape> $Trait<Tensor<S, $number>> for $number {
            type Output = Tensor<S, $number>;
            fn $method(self, right: Tensor<S, $number>) -> Self::Output {
                self.$method(right.view())
            }
        }
    };
    (@assign $Op:ident $Assign:ident $assign:ident, $Right:ty) => {
        impl<S: Shape, R: Shape, T: Float> $Assign<$Right> for Tensor<S, T> {
            fn $assign(&mut self, right: $Right) {
                const { check::<T, (S, R), graph::$Op, S>() };
                *self = operate::<(S, R), _, _, _>(&graph::$Op, &[self.as_slice(), right.as_slice()]);
            }
        }
    };
}
operator!(Add add, AddAssign add_assign, Add);
operator!(Sub sub, SubAssign sub_assign, Subtract);
operator!(Mul mul, MulAssign mul_assign, Multiply);
operator!(Div div, DivAssign div_assign, Divide);

macro_rules! negative {
    ($Operand:ty) => {
        impl<S: Shape, T: Float> Neg for $Operand {
            type Output = Tensor<S, T>;
            fn neg(self) -> Self::Output {
                self.map(|x| -x)
            }
        }
    };
}
negative!(&View<S, T>);
negative!(&Tensor<S, T>);
negative!(Tensor<S, T>);

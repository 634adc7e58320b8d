//! `a + b`, `a - b`, `a * b`, `a / b` and `-a`, element by element; `a / b` for floats only.
//!
//! Shapes are aligned at the last axis, as in NumPy; an axis of length 1, or one that isn't there, is repeated. The result has
//! the type of the operand with more axes, or of the left one. Where neither has the result's shape, bring one into it with
//! [`broadcast`](super::Rearrangements::broadcast). `a += b` and kin leave `a` its shape. Integers wrap around.
//!
//! The result is a new tensor, but for an operand of its shape that is given away (`a + b` rather than `&a + &b`): that one is
//! written over.
//!
//! ```
//! use nanotorch::{prelude::*, tensor};
//!
//! let table = tensor![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
//! let doubled: Tensor<R2<2, 3>> = 2.0 * &table;
//! assert_eq!(&table + &table, doubled);
//! assert_eq!(&table - tensor![1.0, 2.0, 3.0], tensor![[0.0, 0.0, 0.0], [3.0, 3.0, 3.0]]);
//! assert_eq!(tensor![[1.0], [2.0]].broadcast::<R2<2, 2>>() * tensor![1.0, 0.0], tensor![[1.0, 0.0], [2.0, 0.0]]);
//! assert_eq!(Tensor::<R1<2>, u8>::from([250, 1]) + Tensor::<R1<2>, u8>::from([10, 1]), Tensor::from([4, 2]));
//! assert_eq!(10 - 2 * -Tensor::<R1<2>, i64>::from([1, 2]), Tensor::from([12, 14]));
//! ```
//! Shapes that don't fit don't compile:
//! ```compile_fail,E0080
//! use nanotorch::prelude::*;
//! let sum = Tensor::<R2<2, 3>>::ones() + Tensor::<R1<4>>::ones();
//! ```
//! and the left side of `+=` can't grow, neither by an axis
//! ```compile_fail,E0277
//! use nanotorch::prelude::*;
//! let mut vector = Tensor::<R1<3>>::ones();
//! vector += Tensor::<R2<2, 3>>::ones();
//! ```
//! nor along one:
//! ```compile_fail,E0080
//! use nanotorch::prelude::*;
//! let mut row = Tensor::<R2<1, 3>>::ones();
//! row += Tensor::<R2<2, 3>>::ones();
//! ```

use alloc::borrow::ToOwned;
use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use super::axis::{Broadcast, Covers};
use super::check;
use super::face::{Face, FloatFace, Numbers, Of};
use super::{Tensor, View};
use crate::element::{Element, Float};
use crate::graph;
use crate::rule::{Broadcasting, Combine, Room, Rule, combine_over, zip_over};
use crate::shape::{Layout, Shape};

/// A number that can be computed with: a float or an integer.
pub trait Number: Element {
    /// `y = f(a, b)`, element by element, of operands of the given shapes that broadcast to the result's.
    fn arithmetic<O: Arithmetic>(layouts: [Layout; 3], a: &[Self], b: &[Self], y: &mut [Self]);
    /// `y = f(y, x)`, or `y = f(x, y)` where `y` is the second operand, of the shapes of the result, which `y` has, and of `x`.
    fn arithmetic_over<O: Arithmetic>(second: bool, layouts: [Layout; 2], x: &[Self], y: &mut [Self]);
}

/// A function of two numbers, floats or integers.
pub trait Arithmetic: graph::Binary {
    /// The value for integers, which wrap around.
    fn integer<I: Integer>(a: I, b: I) -> I;
}

/// An integer.
pub trait Integer: Number {
    /// `a + b`, wrapping around.
    fn plus(self, other: Self) -> Self;
    /// `a - b`, wrapping around.
    fn minus(self, other: Self) -> Self;
    /// `a b`, wrapping around.
    fn times(self, other: Self) -> Self;
    /// `floor(a / b)`, wrapping around; 0 where `b` is 0.
    fn divide(self, other: Self) -> Self;
}

macro_rules! arithmetic {
    ($($Op:ident $integer:ident)*) => {
        $(impl Arithmetic for graph::$Op {
            #[inline(always)]
            fn integer<I: Integer>(a: I, b: I) -> I {
                a.$integer(b)
            }
        })*
    };
}
arithmetic!(Add plus Subtract minus Multiply times);

macro_rules! float {
    ($($float:ident)*) => {
        $(impl Number for $float {
            fn arithmetic<O: Arithmetic>([result, a, b]: [Layout; 3], x: &[Self], z: &[Self], y: &mut [Self]) {
                Combine::new(O::default(), result, [a, b]).forward(&[x, z], y, Room::to_work(&mut []));
            }
            fn arithmetic_over<O: Arithmetic>(second: bool, layouts: [Layout; 2], x: &[Self], y: &mut [Self]) {
                combine_over::<O, Self>(second, layouts, x, y);
            }
        })*
    };
}
float!(f32 f64);

macro_rules! integer {
    ($($integer:ident)*) => {
        $(
            impl Number for $integer {
                fn arithmetic<O: Arithmetic>([result, a, b]: [Layout; 3], x: &[Self], z: &[Self], y: &mut [Self]) {
                    Broadcasting::new(result, [a, b]).zip(O::integer, x, z, y);
                }
                fn arithmetic_over<O: Arithmetic>(second: bool, layouts: [Layout; 2], x: &[Self], y: &mut [Self]) {
                    zip_over(O::integer, second, layouts, x, y);
                }
            }

            impl Integer for $integer {
                #[inline(always)]
                fn plus(self, other: Self) -> Self {
                    self.wrapping_add(other)
                }
                #[inline(always)]
                fn minus(self, other: Self) -> Self {
                    self.wrapping_sub(other)
                }
                #[inline(always)]
                fn times(self, other: Self) -> Self {
                    self.wrapping_mul(other)
                }
                #[inline(always)]
                fn divide(self, other: Self) -> Self {
                    let Some(quotient) = self.checked_div_euclid(other) else {
                        return self.wrapping_neg() * Self::from(other != 0);
                    };
                    // Euclid's remainder is never negative; where the divisor is, it should be.
                    let exact = quotient.wrapping_mul(other) == self;
                    if other < Self::default() && !exact { quotient.wrapping_sub(1) } else { quotient }
                }
            }
        )*
    };
}
integer!(i32 i64 u8);

/// An operand, which may be the only one that has its numbers: then the result is written over them.
trait Given<S: Shape, T: Element>: Sized {
    /// Whether it is.
    const OWNED: bool;
    /// The numbers.
    fn view(&self) -> &View<S, T>;
    /// The numbers, to be written over.
    fn into_owned(self) -> Tensor<S, T>;
}

impl<S: Shape, T: Element> Given<S, T> for &View<S, T> {
    const OWNED: bool = false;
    fn view(&self) -> &View<S, T> {
        self
    }
    fn into_owned(self) -> Tensor<S, T> {
        self.to_owned()
    }
}

impl<S: Shape, T: Element> Given<S, T> for &Tensor<S, T> {
    const OWNED: bool = false;
    fn view(&self) -> &View<S, T> {
        self
    }
    fn into_owned(self) -> Tensor<S, T> {
        self.clone()
    }
}

impl<S: Shape, T: Element> Given<S, T> for Tensor<S, T> {
    const OWNED: bool = true;
    fn view(&self) -> &View<S, T> {
        self
    }
    fn into_owned(self) -> Tensor<S, T> {
        self
    }
}

/// `f(a, b)`, in the memory of an operand that has the result's shape and isn't needed any more.
fn combined<O: Arithmetic, A: Shape, B: Shape, R: Shape, T: Number>(
    a: impl Given<A, T>,
    b: impl Given<B, T>,
) -> Tensor<R, T> {
    let (result, first, second) = (Layout::of::<R>(), Layout::of::<A>(), Layout::of::<B>());
    if owned(&a) && first == result {
        let mut y = a.into_owned();
        T::arithmetic_over::<O>(false, [result, second], b.view().as_slice(), y.as_mut_slice());
        return y.with_shape();
    }
    if owned(&b) && second == result {
        let mut y = b.into_owned();
        T::arithmetic_over::<O>(true, [result, first], a.view().as_slice(), y.as_mut_slice());
        return y.with_shape();
    }
    let mut y = Tensor::<R, T>::to_fill();
    let layouts = [result, first, second];
    T::arithmetic::<O>(layouts, a.view().as_slice(), b.view().as_slice(), y.as_mut_slice());
    y
}

fn owned<S: Shape, T: Element, G: Given<S, T>>(_: &G) -> bool {
    G::OWNED
}

/// As [`combined`], with one number.
fn with_number<O: Arithmetic, S: Shape, T: Number>(
    a: impl Given<S, T>,
    b: T,
    number_first: bool,
) -> Tensor<S, T> {
    let (layout, number) = (a.view().layout(), &[b][..]);
    if owned(&a) {
        let mut y = a.into_owned();
        T::arithmetic_over::<O>(number_first, [layout, Layout::SCALAR], number, y.as_mut_slice());
        return y;
    }
    let mut y = Tensor::to_fill_like(a.view());
    let x = a.view().as_slice();
    if number_first {
        T::arithmetic::<O>([layout, Layout::SCALAR, layout], number, x, y.as_mut_slice());
    } else {
        T::arithmetic::<O>([layout, layout, Layout::SCALAR], x, number, y.as_mut_slice());
    }
    y
}

impl Arithmetic for graph::Divide {
    #[inline(always)]
    fn integer<I: Integer>(a: I, _: I) -> I {
        // Integers have no `/`: see `View::div_floor`.
        a
    }
}

macro_rules! operator {
    ($Trait:ident $method:ident, $Assign:ident $assign:ident, $Op:ident, $Number:ident) => {
        operator!(@tensors $Op $Number $Trait $method, &View<S, T>, &View<R, T>);
        operator!(@tensors $Op $Number $Trait $method, &View<S, T>, &Tensor<R, T>);
        operator!(@tensors $Op $Number $Trait $method, &View<S, T>, Tensor<R, T>);
        operator!(@tensors $Op $Number $Trait $method, &Tensor<S, T>, &View<R, T>);
        operator!(@tensors $Op $Number $Trait $method, &Tensor<S, T>, &Tensor<R, T>);
        operator!(@tensors $Op $Number $Trait $method, &Tensor<S, T>, Tensor<R, T>);
        operator!(@tensors $Op $Number $Trait $method, Tensor<S, T>, &View<R, T>);
        operator!(@tensors $Op $Number $Trait $method, Tensor<S, T>, &Tensor<R, T>);
        operator!(@tensors $Op $Number $Trait $method, Tensor<S, T>, Tensor<R, T>);
        operator!(@number $Op $Number $Trait $method, &View<S, T>);
        operator!(@number $Op $Number $Trait $method, &Tensor<S, T>);
        operator!(@number $Op $Number $Trait $method, Tensor<S, T>);
        operator!(@assign $Op $Number $Assign $assign, &View<R, T>);
        operator!(@assign $Op $Number $Assign $assign, &Tensor<R, T>);
        operator!(@assign $Op $Number $Assign $assign, Tensor<R, T>);
        operator!(@left $Op $Trait $method f32);
        operator!(@left $Op $Trait $method f64);
        operator!(@left_integers $Number $Op $Trait $method);

        impl<S: Shape, T: $Number> $Assign<T> for Tensor<S, T> {
            fn $assign(&mut self, number: T) {
                let layouts = [self.layout(), Layout::SCALAR];
                T::arithmetic_over::<graph::$Op>(false, layouts, &[number], self.as_mut_slice());
            }
        }
    };
    (@tensors $Op:ident $Number:ident $Trait:ident $method:ident, $Left:ty, $Right:ty) => {
        impl<S: Broadcast<R>, R: Shape, T: $Number> $Trait<$Right> for $Left {
            type Output = Tensor<S::Out, T>;
            fn $method(self, right: $Right) -> Self::Output {
                const { check::operation::<(S, R), graph::$Op, S::Out>() };
                combined::<graph::$Op, S, R, S::Out, T>(self, right)
            }
        }
    };
    (@number $Op:ident $Number:ident $Trait:ident $method:ident, $Left:ty) => {
        impl<S: Shape, T: $Number> $Trait<T> for $Left {
            type Output = Tensor<S, T>;
            fn $method(self, number: T) -> Self::Output {
                with_number::<graph::$Op, S, T>(self, number, false)
            }
        }
    };
    (@left_integers Number $Op:ident $Trait:ident $method:ident) => {
        operator!(@left $Op $Trait $method i32);
        operator!(@left $Op $Trait $method i64);
        operator!(@left $Op $Trait $method u8);
    };
    (@left_integers FloatNumber $Op:ident $Trait:ident $method:ident) => {};
    (@left $Op:ident $Trait:ident $method:ident $number:ident) => {
        operator!(@left $Op $Trait $method $number, &View<S, $number>);
        operator!(@left $Op $Trait $method $number, &Tensor<S, $number>);
        operator!(@left $Op $Trait $method $number, Tensor<S, $number>);
    };
    (@left $Op:ident $Trait:ident $method:ident $number:ident, $Right:ty) => {
        impl<S: Shape> $Trait<$Right> for $number {
            type Output = Tensor<S, $number>;
            fn $method(self, right: $Right) -> Self::Output {
                with_number::<graph::$Op, S, $number>(right, self, true)
            }
        }
    };
    (@assign $Op:ident $Number:ident $Assign:ident $assign:ident, $Right:ty) => {
        impl<S: Covers<R>, R: Shape, T: $Number> $Assign<$Right> for Tensor<S, T> {
            fn $assign(&mut self, right: $Right) {
                const { check::operation::<(S, R), graph::$Op, S>() };
                let layouts = [Layout::of::<S>(), Layout::of::<R>()];
                T::arithmetic_over::<graph::$Op>(false, layouts, right.as_slice(), self.as_mut_slice());
            }
        }
    };
}
operator!(Add add, AddAssign add_assign, Add, Number);
operator!(Sub sub, SubAssign sub_assign, Subtract, Number);
operator!(Mul mul, MulAssign mul_assign, Multiply, Number);
operator!(Div div, DivAssign div_assign, Divide, FloatNumber);

/// A number that can be divided by any other one of its type: a float.
pub trait FloatNumber: Number + Float {}
impl FloatNumber for f32 {}
impl FloatNumber for f64 {}

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

macro_rules! negative_integer {
    ($($integer:ident)*) => {
        $(
            negative_integer!(@of $integer &View<S, $integer>);
            negative_integer!(@of $integer &Tensor<S, $integer>);
            negative_integer!(@of $integer Tensor<S, $integer>);
        )*
    };
    (@of $integer:ident $Operand:ty) => {
        impl<S: Shape> Neg for $Operand {
            type Output = Tensor<S, $integer>;
            fn neg(self) -> Self::Output {
                self.map($integer::wrapping_neg)
            }
        }
    };
}
negative_integer!(i32 i64);

/// Functions of two numbers, element by element, with broadcasting: of tensors, and of variables of a tape.
///
/// ```
/// use nanotorch::{prelude::*, tensor};
///
/// assert_eq!(tensor![2.0, 3.0].pow(&tensor![3.0, 2.0]), tensor![8.0, 9.0]);
/// assert_eq!(tensor![-7.0, 7.0].rem(&tensor![3.0]), tensor![2.0, 1.0]);
/// assert_eq!(tensor![1.0, 5.0].maximum(&tensor![3.0]), tensor![3.0, 5.0]);
/// // Where neither operand has the result's shape, it is the caller's to say.
/// let table: Tensor<R2<2, 3>> = tensor![[1.0], [2.0]].combine(graph::Multiply, &tensor![[1.0, 2.0, 3.0]]);
/// assert_eq!(table, tensor![[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]]);
/// # use nanotorch::graph;
/// ```
pub trait Combinations: Numbers<Face: FloatFace> {
    /// A function of two numbers, on every pair of elements; the shape of the result is `R`.
    #[must_use]
    fn combine<O: graph::Binary, N, R: Shape>(&self, function: O, other: &N) -> Of<Self, R>
    where
        N: Numbers<Face = Self::Face> + ?Sized,
    {
        const { check::operation::<(Self::Shape, N::Shape), graph::Add, R>() };
        let layouts = [Layout::of::<Self::Shape>(), Layout::of::<N::Shape>()];
        let rule = Combine::new(function, Layout::of::<R>(), layouts);
        Self::Face::shaped(Self::Face::run(rule, &[self.raw(), other.raw()]))
    }

    /// `a^b`; for negative `a` where `b` is whole.
    #[must_use]
    fn pow<N>(&self, other: &N) -> Of<Self, <Self::Shape as Broadcast<N::Shape>>::Out>
    where
        N: Numbers<Face = Self::Face> + ?Sized,
        Self::Shape: Broadcast<N::Shape>,
    {
        self.combine(graph::Raise, other)
    }

    /// The remainder of `a / b`, with the sign of `b`.
    #[must_use]
    fn rem<N>(&self, other: &N) -> Of<Self, <Self::Shape as Broadcast<N::Shape>>::Out>
    where
        N: Numbers<Face = Self::Face> + ?Sized,
        Self::Shape: Broadcast<N::Shape>,
    {
        self.combine(graph::Remainder, other)
    }

    /// The larger; NaN where either is.
    #[must_use]
    fn maximum<N>(&self, other: &N) -> Of<Self, <Self::Shape as Broadcast<N::Shape>>::Out>
    where
        N: Numbers<Face = Self::Face> + ?Sized,
        Self::Shape: Broadcast<N::Shape>,
    {
        self.combine(graph::Maximum, other)
    }

    /// The smaller; NaN where either is.
    #[must_use]
    fn minimum<N>(&self, other: &N) -> Of<Self, <Self::Shape as Broadcast<N::Shape>>::Out>
    where
        N: Numbers<Face = Self::Face> + ?Sized,
        Self::Shape: Broadcast<N::Shape>,
    {
        self.combine(graph::Minimum, other)
    }
}

impl<N: Numbers<Face: FloatFace> + ?Sized> Combinations for N {}

//! `a + b`, `a - b`, `a * b`, `a / b` and `-a` of variables; the other operand may be a number.
//!
//! Shapes broadcast as those of tensors do: see [`crate::tensor`].

use core::ops::{Add, Div, Mul, Neg, Sub};

use super::{Taped, Var};
use crate::element::Float;
use crate::graph::{self, function};
use crate::rule::Combine;
use crate::shape::{Layout, Shape};
use crate::tensor::face::{Face, FloatFace};
use crate::tensor::{Broadcast, Functions, Numbers, check_operands};

macro_rules! operator {
    ($Trait:ident $method:ident, $Op:ident, |$number:ident| $right:expr, $left:expr) => {
        impl<'t, S: Broadcast<R>, R: Shape, T: Float> $Trait<Var<'t, R, T>> for Var<'t, S, T> {
            type Output = Var<'t, S::Out, T>;
            fn $method(self, right: Var<'t, R, T>) -> Self::Output {
                const { check_operands::<S, R, S::Out>() };
                let layouts = [Layout::of::<S>(), Layout::of::<R>()];
                let rule = Combine::new(graph::$Op, Layout::of::<S::Out>(), layouts);
                Taped::shaped(Taped::run(rule, &[self.raw(), right.raw()]))
            }
        }

        impl<S: Shape, T: Float> $Trait<T> for Var<'_, S, T> {
            type Output = Self;
            fn $method(self, number: T) -> Self {
                let $number = number.to_f64();
                self.apply($right)
            }
        }

        impl<'t, S: Shape> $Trait<Var<'t, S, f32>> for f32 {
            type Output = Var<'t, S, f32>;
            fn $method(self, right: Var<'t, S, f32>) -> Var<'t, S, f32> {
                let $number = self.to_f64();
                right.apply($left)
            }
        }

        impl<'t, S: Shape> $Trait<Var<'t, S, f64>> for f64 {
            type Output = Var<'t, S, f64>;
            fn $method(self, right: Var<'t, S, f64>) -> Var<'t, S, f64> {
                let $number = self;
                right.apply($left)
            }
        }
    };
}
operator!(Add add, Add, |number| function::Shift { by: number }, function::Shift { by: number });
operator!(Sub sub, Subtract, |number| function::Shift { by: -number }, function::SubtractFrom { from: number });
operator!(Mul mul, Multiply, |number| function::Scale { by: number }, function::Scale { by: number });
operator!(Div div, Divide, |number| function::DivideBy { by: number }, function::DivideInto { number });

impl<S: Shape, T: Float> Neg for Var<'_, S, T> {
    type Output = Self;
    fn neg(self) -> Self {
        self.apply(function::Negative {})
    }
}

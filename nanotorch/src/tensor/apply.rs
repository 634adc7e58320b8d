//! Functions of one number on every element: the same that layers are made of.

use core::marker::PhantomData;

use super::{Tensor, View};
use crate::device::{Cpu, Kernel};
use crate::element::Float;
use crate::op::{Unary, UnaryForward, activation};
use crate::shape::Shape;
use crate::simd::{Simd, WithSimd, dispatch};

/// A kernel, run where the program is.
struct OnCpu<K, T>(K, PhantomData<T>);

impl<K: Kernel<T>, T: Float> WithSimd for OnCpu<K, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        self.0.run(Cpu::new(simd));
    }
}

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident: $op:expr;)*) => {
        impl<S: Shape, T: Float> View<S, T> {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(&self) -> Tensor<S, T> {
                    self.apply($op)
                }
            )*
        }
    };
}
functions! {
    /// `max(x, 0)`.
    relu: activation::Relu;
    /// `1 / (1 + e^-x)`.
    sigmoid: activation::Sigmoid;
    /// `tanh x`.
    tanh: activation::Tanh;
}

impl<S: Shape, T: Float> View<S, T> {
    /// A function of one number, on every element.
    ///
    /// ```
    /// use nanotorch::{op::activation::Relu, prelude::*, tensor};
    /// assert_eq!(tensor![-1.0, 2.0].apply(Relu), tensor![0.0, 2.0]);
    /// ```
    #[must_use]
    pub fn apply<O: Unary>(&self, function: O) -> Tensor<S, T> {
        let mut y = Tensor::zeros_like(self);
        dispatch(OnCpu(UnaryForward { op: function, x: self.as_slice(), y: y.as_mut_slice() }, PhantomData));
        y
    }
}

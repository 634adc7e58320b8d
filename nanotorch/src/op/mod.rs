//! Operations: value, derivative and ONNX name together, by family. One entry here is all there is to an operation; layers
//! and devices are generic over them.

pub mod activation;
#[cfg(feature = "convolution")]
pub mod channels;
pub mod concat;
#[cfg(feature = "convolution")]
pub mod convolution;
pub mod dense;
#[cfg(feature = "tape")]
pub mod elementary;
pub mod formula;
pub mod normalization;
#[cfg(feature = "convolution")]
pub mod pool;
pub mod product;
#[cfg(feature = "convolution")]
pub mod resample;
pub mod softmax;
pub mod strided;
pub mod unary;

pub use dense::{DenseForward, DenseInputGradient, DenseParameterGradient, FinishRows};
pub use unary::{Keeps, Unary, UnaryBackward, UnaryBackwardInPlace, UnaryForward, UnaryForwardInPlace};

use crate::device::{Cpu, Kernel, Operand};
use crate::element::Float;
use crate::kernel::compiled::compiled;
use crate::kernel::map::{BinaryMap, zip_in_place_on, zip_on};
use crate::simd::{Simd, Vector, WithSimd};
use crate::threads::Threads;

/// `y += x`.
pub struct AddTo<'a, T> {
    /// What is added.
    pub x: &'a [T],
    /// What it is added to.
    pub y: &'a mut [T],
}

#[derive(Clone, core::marker::Copy)]
struct Add;

impl<T: Float> BinaryMap<T> for Add {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, a: V, b: V) -> V {
        a + b
    }
}

impl<T: Float> Kernel<T> for AddTo<'_, T> {
    const NAME: &'static str = "Add";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.y));
        see(Operand::Input(self.x));
        see(Operand::Output(self.y));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        Sum { threads: cpu.threads, x: self.x, y: self.y }.call(cpu.simd);
    }
}

/// `y = y + x`.
struct Sum<'a, T> {
    threads: Threads<'a>,
    x: &'a [T],
    y: &'a mut [T],
}

compiled!(Sum);

impl<T: Float> WithSimd for Sum<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        zip_in_place_on(self.threads, simd, Add, self.x, self.y);
    }
}

/// `y = x`.
pub struct Copy<'a, T> {
    /// What is copied.
    pub x: &'a [T],
    /// Where it goes.
    pub y: &'a mut [T],
}

impl<T: Float> Kernel<T> for Copy<'_, T> {
    const NAME: &'static str = "Identity";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.x));
        see(Operand::Output(self.y));
    }
    #[inline(always)]
    fn run<S: Simd>(self, _: Cpu<S>) {
        self.y.copy_from_slice(self.x);
    }
}

#[derive(Clone, core::marker::Copy)]
struct Multiply;

impl<T: Float> BinaryMap<T> for Multiply {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, a: V, b: V) -> V {
        a * b
    }
}

/// `y = factors * x`, where x may be y.
struct Product<'a, T> {
    threads: Threads<'a>,
    factors: &'a [T],
    x: Option<&'a [T]>,
    y: &'a mut [T],
}

compiled!(Product);

impl<T: Float> WithSimd for Product<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Product { threads, factors, x, y } = self;
        match x {
            Some(x) => zip_on(threads, simd, Multiply, factors, x, y),
            None => zip_in_place_on(threads, simd, Multiply, factors, y),
        }
    }
}

/// `y = factors * x`.
pub struct Times<'a, T> {
    /// One factor an element.
    pub factors: &'a [T],
    /// What is multiplied.
    pub x: &'a [T],
    /// The products.
    pub y: &'a mut [T],
}

impl<T: Float> Kernel<T> for Times<'_, T> {
    const NAME: &'static str = "Mul";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.x));
        see(Operand::Input(self.factors));
        see(Operand::Output(self.y));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        Product { threads: cpu.threads, factors: self.factors, x: Some(self.x), y: self.y }.call(cpu.simd);
    }
}

/// `y = factors * y`.
pub struct TimesInPlace<'a, T> {
    /// One factor an element.
    pub factors: &'a [T],
    /// What is multiplied, then the products.
    pub y: &'a mut [T],
}

impl<T: Float> Kernel<T> for TimesInPlace<'_, T> {
    const NAME: &'static str = "Mul";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.y));
        see(Operand::Input(self.factors));
        see(Operand::Output(self.y));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        Product { threads: cpu.threads, factors: self.factors, x: None, y: self.y }.call(cpu.simd);
    }
}

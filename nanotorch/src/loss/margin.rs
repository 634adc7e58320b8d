//! Losses that want the right answer to win by a margin.

use core::slice;

use super::error::{check_classes, check_setting};
use super::pointwise::splat;
use super::weights::assert_classes;
use super::{Loss, LossError, Pointwise, Reduction};
use crate::device::{Cpu, Device, Kernel, Operand};
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::loss::multi_class_hinge;
use crate::shape::{Dim, Shape, outer_length};
use crate::simd::{Simd, Vector};

/// `max(0, 1 - t x)` of a score `x` and a target of 1 or -1; the derivative at the corner is 0.
///
/// The mean is over all numbers of the batch. Source: `torch.relu(1 - t * x)`; Cortes and Vapnik, 1995.
///
/// ```
/// use nanotorch::{loss::Hinge, prelude::*, run::Training};
///
/// #[model(input = [2])]
/// pub struct Side {
///     fc: Linear<2, 1>,
/// }
/// let mut training = Training::<Side, UpTo<2>>::new(1);
/// training.gradients(&Side::new(1), &Hinge::default(), &[0.0, 1.0, 1.0, 0.0], &[1.0, -1.0])?;
/// let error = training.gradients(&Side::new(1), &Hinge::default(), &[0.0, 1.0], &[0.0]).unwrap_err();
/// assert_eq!(error.to_string(), "target 0 is 0, but this loss takes targets of 1 or -1");
/// # Ok::<(), nanotorch::run::BatchError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hinge {
    /// Mean or sum over all numbers.
    pub reduction: Reduction,
}

impl Pointwise for Hinge {
    const NAME: &'static str = "HingeLoss";
    const ALLOWED: &'static str = "of 1 or -1";
    #[inline(always)]
    fn accepts<T: Float>(target: T) -> bool {
        target.abs() == T::ONE
    }
    #[inline(always)]
    fn divisor(self, _: usize, numbers: usize) -> usize {
        self.reduction.divisor(numbers)
    }
    #[inline(always)]
    fn value_and_derivative<V: Vector>(self, x: V, target: V) -> (V, V) {
        let zero = splat(x, 0.0);
        let lacking = target.neg_mul_add(x, splat(x, 1.0));
        // In this order a NaN stays one.
        (zero.max(lacking), V::select(lacking.gt(zero), -target, zero))
    }
}

/// `sum over c other than t of max(0, margin - x[t] + x[c]) / C`, for the right class `t` of `C`; the derivative at a corner is
/// 0. Source: PyTorch's `torch.nn.MultiMarginLoss` with `p = 1`; Crammer and Singer, 2001.
///
/// The last axis is that of classes; the mean is over all others.
///
/// ```
/// use nanotorch::{loss::MultiClassHinge, prelude::*, run::Training};
///
/// #[model(input = [4])]
/// pub struct Net {
///     fc: Linear<4, 3>,
/// }
/// let loss = MultiClassHinge { margin: 0.5, ..MultiClassHinge::default() };
/// let mut training = Training::<Net, UpTo<1>>::new(1);
/// assert!(training.gradients(&Net::new(1), &loss, &[0.5; 4], &[2])? >= 0.0);
/// # Ok::<(), nanotorch::run::BatchError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MultiClassHinge {
    /// By how much the right class has to win; above 0, by default 1.
    pub margin: f64,
    /// Mean or sum over all rows.
    pub reduction: Reduction,
}

impl Default for MultiClassHinge {
    fn default() -> Self {
        MultiClassHinge { margin: 1.0, reduction: Reduction::Mean }
    }
}

/// `value = multi_class_hinge(logits, classes) / divisor`, and its gradient, if that is wanted.
struct MultiClassHingeKernel<'a, T> {
    margin: f64,
    divisor: usize,
    prediction: &'a [T],
    classes: &'a [u32],
    value: &'a mut T,
    gradient: Option<&'a mut [T]>,
}

impl<T: Float> Kernel<T> for MultiClassHingeKernel<'_, T> {
    const NAME: &'static str = "MultiClassHingeLoss";

    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.prediction));
        see(Operand::Output(slice::from_ref(&*self.value)));
        if let Some(gradient) = &self.gradient {
            see(Operand::Output(gradient));
        }
        see(Operand::Attribute("margin", self.margin));
    }

    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        let (margin, divisor) = (T::from_f64(self.margin), T::from_usize(self.divisor));
        let scale = T::ONE / divisor;
        let sum = multi_class_hinge(cpu.simd, self.prediction, self.classes, margin, scale, self.gradient);
        *self.value = sum / divisor;
    }
}

impl MultiClassHinge {
    #[inline(always)]
    fn run<S: Shape, T: Float, D: Device>(
        self,
        device: &mut D,
        prediction: &[T],
        classes: &[u32],
        gradient: Option<&mut [T]>,
    ) -> T {
        const { assert_classes::<S>(None) };
        let divisor = self.reduction.divisor(classes.len()) * S::Last::N;
        let mut value = T::ZERO;
        let kernel = MultiClassHingeKernel {
            margin: self.margin,
            divisor,
            prediction,
            classes,
            value: &mut value,
            gradient,
        };
        device.run(kernel);
        value
    }
}

impl<S: Shape, T: Float> Loss<S, T> for MultiClassHinge {
    type Target = u32;
    const TARGETS: usize = outer_length::<S>();

    #[inline(always)]
    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[inline(always)]
    fn check(&self, targets: &[u32]) -> Result<(), LossError> {
        let makes_sense = self.margin > 0.0 && self.margin.is_finite();
        check_setting("margin", self.margin, "finite and above 0", makes_sense)?;
        check_classes(targets, S::Last::N)
    }

    #[inline(always)]
    fn value<D: Device>(&self, device: &mut D, _: impl Extent, prediction: &[T], target: &[u32]) -> T {
        self.run::<S, T, D>(device, prediction, target, None)
    }

    #[inline(always)]
    fn gradient<D: Device>(
        &self,
        device: &mut D,
        _: impl Extent,
        prediction: &[T],
        target: &[u32],
        gradient: &mut [T],
    ) -> T {
        self.run::<S, T, D>(device, prediction, target, Some(gradient))
    }

    const CURVES: bool = true;

    /// It is made of planes.
    fn curvature(&self, _: usize, _: &[T], _: &[u32], _: &[T], product: &mut [T]) {
        product.fill(T::ZERO);
    }
}

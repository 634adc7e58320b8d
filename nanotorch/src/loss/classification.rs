//! Losses of the logits of several classes. The softmax that makes probabilities of them is part of the loss.

use core::slice;

use super::error::{PROBABILITIES, check_classes, check_setting, check_targets, is_probability};
use super::weights::{assert_classes, check_weights};
use super::{ClassWeights, Even, Loss, LossError, Reduction};
use crate::device::{Cpu, Device, Kernel, Operand, carry_out};
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::cross_entropy::{
    ClassIndices, ClassProbabilities, cross_entropy_indices, cross_entropy_probabilities,
};
use crate::kernel::softmax::softmax;
use crate::shape::{Dim, Shape, outer_length};
use crate::simd::{Scalar, Simd};
use crate::threads::Threads;

/// `-sum over c of w[c] q[c] ln p[c]` with `p = softmax(x)` and `q[c] = (1 - s) [c = t] + s / C`, for the right class `t` of `C`
/// and the smoothing `s`. Source: PyTorch's `torch.nn.CrossEntropyLoss` with class indices.
///
/// The prediction holds logits; its last axis is that of classes. The mean is over all other axes, and with weights it divides
/// by the sum of the right classes' weights.
///
/// ```
/// use nanotorch::{loss::CrossEntropy, prelude::*, run::Training};
///
/// #[model(input = [4])]
/// pub struct Net {
///     fc: Linear<4, 3>,
/// }
/// let net = Net::new(1);
/// let loss = CrossEntropy { smoothing: 0.1, ..CrossEntropy::default() };
/// let mut training = Training::<Net, UpTo<2>>::new(1);
/// training.gradients(&net, &loss, &[0.5; 8], &[2, 0])?;
/// training.gradients(&net, &loss.weighted([1.0, 2.0, 0.5]), &[0.5; 8], &[2, 0])?;
///
/// let error = training.gradients(&net, &loss, &[0.5; 8], &[2, 3]).unwrap_err();
/// assert_eq!(error.to_string(), "target 1 is class 3, but the prediction has 3 classes, 0 to 2");
/// # Ok::<(), nanotorch::run::BatchError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CrossEntropy<W = Even> {
    /// The part of the target that is spread over all classes, from 0 to 1; by default 0.
    pub smoothing: f64,
    /// Mean or sum over all rows.
    pub reduction: Reduction,
    /// The weight of each class.
    pub weights: W,
}

impl Default for CrossEntropy {
    fn default() -> Self {
        CrossEntropy { smoothing: 0.0, reduction: Reduction::Mean, weights: Even }
    }
}

impl<W> CrossEntropy<W> {
    /// The same loss with these weights, one a class.
    pub fn weighted<New>(self, weights: New) -> CrossEntropy<New> {
        CrossEntropy { smoothing: self.smoothing, reduction: self.reduction, weights }
    }
}

/// As [`CrossEntropy`] with a probability for each class as target, `q[c] = (1 - s) t[c] + s / C`. Source: PyTorch's
/// `torch.nn.CrossEntropyLoss` with class probabilities.
///
/// The mean divides by the number of rows, whatever the weights. Targets are from 0 to 1.
///
/// ```
/// use nanotorch::{loss::SoftCrossEntropy, prelude::*, run::Training};
///
/// #[model(input = [4])]
/// pub struct Net {
///     fc: Linear<4, 3>,
/// }
/// let mut training = Training::<Net, UpTo<1>>::new(1);
/// training.gradients(&Net::new(1), &SoftCrossEntropy::default(), &[0.5; 4], &[0.75, 0.25, 0.0])?;
/// # Ok::<(), nanotorch::run::BatchError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoftCrossEntropy<W = Even> {
    /// The part of the target that is spread over all classes, from 0 to 1; by default 0.
    pub smoothing: f64,
    /// Mean or sum over all rows.
    pub reduction: Reduction,
    /// The weight of each class.
    pub weights: W,
}

impl Default for SoftCrossEntropy {
    fn default() -> Self {
        SoftCrossEntropy { smoothing: 0.0, reduction: Reduction::Mean, weights: Even }
    }
}

impl<W> SoftCrossEntropy<W> {
    /// The same loss with these weights, one a class.
    pub fn weighted<New>(self, weights: New) -> SoftCrossEntropy<New> {
        SoftCrossEntropy { smoothing: self.smoothing, reduction: self.reduction, weights }
    }
}

fn check_smoothing(smoothing: f64) -> Result<(), LossError> {
    check_setting("smoothing", smoothing, PROBABILITIES, is_probability(smoothing))
}

/// What cross-entropy is taken against: a type of its own for each kind, so that a program has the code of those that it uses.
trait Against<T: Float>: Copy + Sized {
    /// The probabilities, where each class has one.
    fn probabilities(&self) -> Option<&[T]>;
    /// The weight of each class.
    fn weights(&self) -> Option<&[T]>;
    /// [`Kernel::carry_out`].
    fn carry_out(kernel: CrossEntropyKernel<'_, T, Self>, threads: Threads<'_>);
    /// What the mean over `rows` divides by.
    fn total(self, rows: usize) -> T;
    /// The sum of the rows' losses, and `scale` times its gradient.
    fn sum<S: Simd>(
        self,
        cpu: Cpu<S>,
        classes: usize,
        logits: &[T],
        scale: T,
        gradient: Option<&mut [T]>,
    ) -> T;
}

impl<T: Float> Against<T> for ClassIndices<'_, T> {
    fn probabilities(&self) -> Option<&[T]> {
        None
    }
    fn weights(&self) -> Option<&[T]> {
        self.weights
    }
    #[inline(always)]
    fn carry_out(kernel: CrossEntropyKernel<'_, T, Self>, threads: Threads<'_>) {
        if const { T::IS_F32 } {
            let CrossEntropyKernel { classes, reduction, logits, target, value, gradient } = kernel;
            let (mut sum, smoothing) = (0.0, target.smoothing.to_f64() as f32);
            let weights = target.weights.map(T::f32s);
            let kernel = CrossEntropyKernel {
                classes,
                reduction,
                logits: T::f32s(logits),
                target: ClassIndices { classes: target.classes, weights, smoothing },
                value: &mut sum,
                gradient: gradient.map(T::f32s_mut),
            };
            class_indices_f32(kernel, threads);
            *value = T::from_f64(sum.into());
        } else {
            carry_out(kernel, threads);
        }
    }
    #[inline(always)]
    fn total(self, _: usize) -> T {
        self.total_weight()
    }
    #[inline(always)]
    fn sum<S: Simd>(
        self,
        cpu: Cpu<S>,
        classes: usize,
        logits: &[T],
        scale: T,
        mut gradient: Option<&mut [T]>,
    ) -> T {
        let (Cpu { simd, threads }, into) = (cpu, gradient.as_deref_mut());
        let sum = cross_entropy_indices(simd, threads, classes, logits, self, scale, into);
        // A class out of range is what `check` refuses; whoever hasn't called it gets no number.
        sum.unwrap_or_else(|_| {
            gradient.into_iter().for_each(|gradient| gradient.fill(T::NAN));
            T::NAN
        })
    }
}

impl<T: Float> Against<T> for ClassProbabilities<'_, T> {
    fn probabilities(&self) -> Option<&[T]> {
        Some(self.probabilities)
    }
    fn weights(&self) -> Option<&[T]> {
        self.weights
    }
    #[inline(never)]
    fn carry_out(kernel: CrossEntropyKernel<'_, T, Self>, threads: Threads<'_>) {
        carry_out(kernel, threads);
    }
    #[inline(always)]
    fn total(self, rows: usize) -> T {
        T::from_usize(rows)
    }
    #[inline(always)]
    fn sum<S: Simd>(
        self,
        cpu: Cpu<S>,
        classes: usize,
        logits: &[T],
        scale: T,
        gradient: Option<&mut [T]>,
    ) -> T {
        cross_entropy_probabilities(cpu.simd, cpu.threads, classes, logits, self, scale, gradient)
    }
}

/// `value = cross_entropy(softmax(logits), target)`, and its gradient, if that is wanted.
struct CrossEntropyKernel<'a, T, G> {
    /// The number of classes.
    classes: usize,
    reduction: Reduction,
    logits: &'a [T],
    target: G,
    value: &'a mut T,
    gradient: Option<&'a mut [T]>,
}

impl<T: Float, G: Against<T>> Kernel<T> for CrossEntropyKernel<'_, T, G> {
    const NAME: &'static str = "SoftmaxCrossEntropyLoss";

    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.logits));
        for input in [self.target.probabilities(), self.target.weights()].into_iter().flatten() {
            see(Operand::Input(input));
        }
        see(Operand::Output(slice::from_ref(&*self.value)));
        if let Some(gradient) = &self.gradient {
            see(Operand::Output(gradient));
        }
    }

    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        let CrossEntropyKernel { classes, reduction, logits, target, value, gradient } = self;
        let total = match reduction {
            Reduction::Sum => T::ONE,
            Reduction::Mean => target.total(logits.len() / classes),
        };
        *value = target.sum(cpu, classes, logits, T::ONE / total, gradient) / total;
    }

    #[inline(always)]
    fn carry_out(self, threads: Threads<'_>) {
        G::carry_out(self, threads);
    }
}

/// Compiled in this crate.
#[inline(never)]
fn class_indices_f32(kernel: CrossEntropyKernel<'_, f32, ClassIndices<'_, f32>>, threads: Threads<'_>) {
    carry_out(kernel, threads);
}

/// The value of the loss; its gradient goes to `gradient`.
#[inline(always)]
fn run<S: Shape, T: Float, D: Device>(
    device: &mut D,
    reduction: Reduction,
    logits: &[T],
    target: impl Against<T>,
    gradient: Option<&mut [T]>,
) -> T {
    let mut value = T::ZERO;
    let kernel =
        CrossEntropyKernel { classes: S::Last::N, reduction, logits, target, value: &mut value, gradient };
    device.run(kernel);
    value
}

/// `scale Q (p v - p <p, v>)` row by row: the second derivatives times the direction `v`, with the softmax `p` of the logits and
/// the sum `Q` of the row's target.
fn curvature<T: Float>(
    classes: usize,
    logits: &[T],
    direction: &[T],
    product: &mut [T],
    scale_of_row: impl Fn(usize) -> T,
) {
    softmax(Scalar, classes, logits, product);
    for (row, product) in product.chunks_exact_mut(classes.max(1)).enumerate() {
        let (direction, scale) = (&direction[row * classes..][..classes], scale_of_row(row));
        let along = product.iter().zip(direction).fold(T::ZERO, |sum, (&p, &v)| sum + p * v);
        for (product, &v) in product.iter_mut().zip(direction) {
            *product *= (v - along) * scale;
        }
    }
}

/// `sum of (1 - s) w[c] p[c] + s/n w[c]` over the classes, given the first part.
fn mass<T: Float>(classes: usize, weights: Option<&[T]>, smoothing: f64, hot: T) -> T {
    let all =
        weights.map_or(T::from_usize(classes), |weights| weights.iter().fold(T::ZERO, |sum, &w| sum + w));
    (T::ONE - T::from_f64(smoothing)) * hot + T::from_f64(smoothing) * all / T::from_usize(classes)
}

impl<W> CrossEntropy<W> {
    #[inline(always)]
    fn target<'a, T: Float>(&'a self, classes: &'a [u32]) -> ClassIndices<'a, T>
    where
        W: ClassWeights<T>,
    {
        let (weights, smoothing) = (self.weights.numbers(), T::from_f64(self.smoothing));
        ClassIndices { classes, weights, smoothing }
    }
}

impl<S: Shape, T: Float, W: ClassWeights<T>> Loss<S, T> for CrossEntropy<W> {
    type Target = u32;
    const TARGETS: usize = outer_length::<S>();

    #[inline(always)]
    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[inline(always)]
    fn check(&self, targets: &[u32]) -> Result<(), LossError> {
        const { assert_classes::<S>(W::COUNT) };
        check_smoothing(self.smoothing)?;
        check_weights("weights", &self.weights)?;
        check_classes(targets, S::Last::N)
    }

    #[inline(always)]
    fn value<D: Device>(&self, device: &mut D, _: impl Extent, prediction: &[T], target: &[u32]) -> T {
        const { assert_classes::<S>(W::COUNT) };
        run::<S, T, D>(device, self.reduction, prediction, self.target(target), None)
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
        const { assert_classes::<S>(W::COUNT) };
        run::<S, T, D>(device, self.reduction, prediction, self.target(target), Some(gradient))
    }

    const CURVES: bool = true;

    fn curvature(&self, _: usize, logits: &[T], classes: &[u32], direction: &[T], product: &mut [T]) {
        let (count, weights) = (S::Last::N, self.weights.numbers());
        let total = match self.reduction {
            Reduction::Mean => ClassIndices { classes, weights, smoothing: T::ZERO }.total_weight(),
            Reduction::Sum => T::ONE,
        };
        curvature(count, logits, direction, product, |row| {
            let hot = weights.map_or(T::ONE, |weights| weights[classes[row] as usize]);
            mass(count, weights, self.smoothing, hot) / total
        });
    }
}

impl<W> SoftCrossEntropy<W> {
    #[inline(always)]
    fn target<'a, T: Float>(&'a self, probabilities: &'a [T]) -> ClassProbabilities<'a, T>
    where
        W: ClassWeights<T>,
    {
        let (weights, smoothing) = (self.weights.numbers(), T::from_f64(self.smoothing));
        ClassProbabilities { probabilities, weights, smoothing }
    }
}

impl<S: Shape, T: Float, W: ClassWeights<T>> Loss<S, T> for SoftCrossEntropy<W> {
    type Target = T;
    const TARGETS: usize = S::LEN;

    #[inline(always)]
    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[inline(always)]
    fn check(&self, targets: &[T]) -> Result<(), LossError> {
        const { assert_classes::<S>(W::COUNT) };
        check_smoothing(self.smoothing)?;
        check_weights("weights", &self.weights)?;
        check_targets(targets, PROBABILITIES, is_probability)
    }

    #[inline(always)]
    fn value<D: Device>(&self, device: &mut D, _: impl Extent, prediction: &[T], target: &[T]) -> T {
        const { assert_classes::<S>(W::COUNT) };
        run::<S, T, D>(device, self.reduction, prediction, self.target(target), None)
    }

    #[inline(always)]
    fn gradient<D: Device>(
        &self,
        device: &mut D,
        _: impl Extent,
        prediction: &[T],
        target: &[T],
        gradient: &mut [T],
    ) -> T {
        const { assert_classes::<S>(W::COUNT) };
        run::<S, T, D>(device, self.reduction, prediction, self.target(target), Some(gradient))
    }

    const CURVES: bool = true;

    fn curvature(&self, rows: usize, logits: &[T], targets: &[T], direction: &[T], product: &mut [T]) {
        let (count, weights) = (S::Last::N, self.weights.numbers());
        let all = T::from_usize(self.reduction.divisor(rows * outer_length::<S>()));
        curvature(count, logits, direction, product, |row| {
            let probabilities = targets[row * count..][..count].iter().enumerate();
            let hot = probabilities.fold(T::ZERO, |sum, (class, &probability)| {
                sum + probability * weights.map_or(T::ONE, |weights| weights[class])
            });
            mass(count, weights, self.smoothing, hot) / all
        });
    }
}

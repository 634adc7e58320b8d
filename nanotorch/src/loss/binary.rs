//! Losses of the logit of a yes or no. The sigmoid that makes a probability of it is part of the loss.

use super::error::{PROBABILITIES, check_targets, is_probability};
use super::pointwise::{Named, Pairs, splat};
use super::weights::{assert_weights, check_weights};
use super::{ClassWeights, Even, Loss, LossError, Reduction, pointwise};
use crate::device::Device;
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::loss::PairLoss;
use crate::kernel::math::{exp_or_zero, log1p};
use crate::shape::Shape;
use crate::simd::Vector;

/// `-(w t ln σ(x) + (1 - t) ln(1 - σ(x)))` of a logit `x` and the probability `t` of a yes. Source: PyTorch's
/// `torch.nn.BCEWithLogitsLoss`.
///
/// The mean is over all numbers of the batch. Targets are from 0 to 1. With [`weighted`](BceWithLogits::weighted) each
/// feature of the last axis has its weight `w` of a yes.
///
/// ```
/// use nanotorch::{loss::BceWithLogits, prelude::*, run::Training};
///
/// #[model(input = [4])]
/// pub struct Net {
///     fc: Linear<4, 2>,
/// }
/// let mut training = Training::<Net, UpTo<1>>::new(1);
/// let loss = BceWithLogits::default().weighted([3.0, 1.0]);
/// training.gradients(&Net::new(1), &loss, &[0.5; 4], &[1.0, 0.0])?;
/// # Ok::<(), nanotorch::run::BatchError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BceWithLogits<W = Even> {
    /// Mean or sum over all numbers.
    pub reduction: Reduction,
    /// The weight of a yes, for each feature of the last axis; PyTorch's `pos_weight`.
    pub pos_weight: W,
}

impl Default for BceWithLogits {
    fn default() -> Self {
        BceWithLogits { reduction: Reduction::Mean, pos_weight: Even }
    }
}

impl<W> BceWithLogits<W> {
    /// The same loss with these weights of a yes, one a feature.
    pub fn weighted<New>(self, pos_weight: New) -> BceWithLogits<New> {
        BceWithLogits { reduction: self.reduction, pos_weight }
    }
}

#[derive(Clone, Copy)]
struct Logistic;

impl Named for Logistic {
    const NAME: &'static str = "BceWithLogitsLoss";
}

impl<T: Float> PairLoss<T> for Logistic {
    /// Written so that every term is a sum of positive ones: nothing cancels, however sure and right the prediction is.
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, x: V, target: V, yes_weight: V) -> (V, V) {
        let (zero, one) = (splat(x, 0.0), splat(x, 1.0));
        let (yes, no) = (yes_weight * target, one - target);
        let small = exp_or_zero(-x.abs());
        // -ln σ(x) = max(-x, 0) + ln(1 + e^-|x|), and -ln(1 - σ(x)) = max(x, 0) + the same.
        let both = log1p(small);
        let value = no.mul_add(zero.max(x) + both, yes * (zero.max(-x) + both));
        // σ(|x|) = 1 / (1 + e^-|x|), and σ(-|x|) = e^-|x| σ(|x|).
        let larger = one / (one + small);
        let smaller = small * larger;
        let positive = x.gt(zero);
        let (sigmoid, complement) =
            (V::select(positive, larger, smaller), V::select(positive, smaller, larger));
        (value, no.mul_add(sigmoid, -(yes * complement)))
    }
}

impl<W> BceWithLogits<W> {
    #[inline(always)]
    fn run<S: Shape, T: Float, D: Device>(
        &self,
        device: &mut D,
        prediction: &[T],
        target: &[T],
        gradient: Option<&mut [T]>,
    ) -> T
    where
        W: ClassWeights<T>,
    {
        const { assert_weights::<S>(W::COUNT) };
        let weights = self.pos_weight.numbers();
        let divisor = self.reduction.divisor(prediction.len());
        pointwise::run(device, Logistic, Pairs { prediction, target, weights, divisor }, gradient)
    }
}

impl<S: Shape, T: Float, W: ClassWeights<T>> Loss<S, T> for BceWithLogits<W> {
    type Target = T;
    const TARGETS: usize = S::LEN;

    #[inline(always)]
    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[inline(always)]
    fn check(&self, targets: &[T]) -> Result<(), LossError> {
        const { assert_weights::<S>(W::COUNT) };
        check_weights("pos_weight", &self.pos_weight)?;
        check_targets(targets, PROBABILITIES, is_probability)
    }

    #[inline(always)]
    fn value<D: Device>(&self, device: &mut D, _: impl Extent, prediction: &[T], target: &[T]) -> T {
        self.run::<S, T, D>(device, prediction, target, None)
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
        self.run::<S, T, D>(device, prediction, target, Some(gradient))
    }

    const CURVES: bool = true;

    fn curvature(&self, _: usize, prediction: &[T], target: &[T], direction: &[T], product: &mut [T]) {
        let divisor = self.reduction.divisor(prediction.len());
        let pairs = Pairs { prediction, target, weights: self.pos_weight.numbers(), divisor };
        pointwise::curvature(Logistic, pairs, direction, product);
    }
}

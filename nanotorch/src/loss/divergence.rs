//! Losses between distributions.

use super::error::{PROBABILITIES, is_probability};
use super::pointwise::splat;
use super::{Pointwise, Reduction};
use crate::element::Float;
use crate::kernel::math::log;
use crate::simd::Vector;

/// How the divergences of a batch become one number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DivergenceReduction {
    /// The sum over the number of all numbers, PyTorch's default: the divergence over the number of classes too.
    #[default]
    Mean,
    /// The sum.
    Sum,
    /// The sum over the number of samples: the mean divergence, as it is defined in mathematics.
    BatchMean,
}

/// `t (ln t - x)`, 0 where `t` is 0: the divergence of the distribution with the log-probabilities `x` from that with the
/// probabilities `t` (Kullback and Leibler, 1951). Source: PyTorch's `torch.nn.KLDivLoss`.
///
/// The prediction holds log-probabilities, such as [`LogSoftmax`](crate::layer::LogSoftmax) gives; targets are from 0 to 1.
///
/// ```
/// use nanotorch::{loss::{DivergenceReduction, KlDivergence}, prelude::*, run::Training};
///
/// #[model(input = [4])]
/// pub struct Net {
///     fc: Linear<4, 3>,
///     log: LogSoftmax,
/// }
/// let loss = KlDivergence { reduction: DivergenceReduction::BatchMean };
/// let mut training = Training::<Net, UpTo<1>>::new(1);
/// assert!(training.gradients(&Net::new(1), &loss, &[0.5; 4], &[0.7, 0.3, 0.0])? > 0.0);
/// # Ok::<(), nanotorch::run::BatchError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct KlDivergence {
    /// Mean over all numbers, sum, or mean over samples.
    pub reduction: DivergenceReduction,
}

impl Pointwise for KlDivergence {
    const NAME: &'static str = "KlDivergenceLoss";
    const ALLOWED: &'static str = PROBABILITIES;
    #[inline(always)]
    fn accepts<T: Float>(target: T) -> bool {
        is_probability(target)
    }
    #[inline(always)]
    fn divisor(self, rows: usize, numbers: usize) -> usize {
        match self.reduction {
            DivergenceReduction::Mean => Reduction::Mean.divisor(numbers),
            DivergenceReduction::Sum => Reduction::Sum.divisor(numbers),
            DivergenceReduction::BatchMean => Reduction::Mean.divisor(rows),
        }
    }
    #[inline(always)]
    fn value_and_derivative<V: Vector>(self, x: V, target: V) -> (V, V) {
        let zero = splat(x, 0.0);
        let value = target * (log(target) - x);
        (V::select(target.eq(zero), zero, value), -target)
    }
}

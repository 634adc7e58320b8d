//! Layers that make a distribution of the last axis. The functions themselves are in [`crate::op::softmax`].

use core::marker::PhantomData;

use crate::device::{Device, Pass};
use crate::element::Float;
use crate::message::Text;
use crate::model::{Backward, Fit, Formulas, Layer, Memory, Needs};
use crate::op::softmax::{self, RowBackward, RowBackwardInPlace, RowForward, RowForwardInPlace, RowFunction};
use crate::shape::{Dim, Shape};

/// `y = f(x)` along the last axis, for a [`RowFunction`]: the input's shape, which needs one axis at least. It has no
/// parameters.
#[crate::layer]
pub struct Rowwise<F: RowFunction, T: Float = f32> {
    function: PhantomData<fn() -> (F, T)>,
}

/// `y[c] = exp(x[c]) / sum over k of exp(x[k])` along the last axis: numbers from 0 to 1 that sum to 1.
///
/// Train on what goes into it, with [`CrossEntropy`](crate::loss::CrossEntropy), which is more accurate and faster than a loss
/// of what comes out.
///
/// ```
/// use nanotorch::{prelude::*, run::Inference};
///
/// #[model(input = [4])]
/// pub struct Net {
///     fc: Linear<4, 3>,
///     softmax: Softmax,
/// }
/// let mut inference = Inference::<Net, UpTo<1>>::new();
/// let probabilities = inference.run(&Net::new(1), &[1.0, 2.0, 3.0, 4.0])?;
/// assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-6);
/// # Ok::<(), nanotorch::run::BatchError>(())
/// ```
/// Source: PyTorch's `torch.nn.Softmax(dim=-1)`.
pub type Softmax<T = f32> = Rowwise<softmax::Softmax, T>;

/// `y[c] = x[c] - ln(sum over k of exp(x[k]))` along the last axis: the logarithm of [`Softmax`], without its rounding to 0.
///
/// ```
/// use nanotorch::{loss::KlDivergence, prelude::*, run::Training};
///
/// #[model(input = [4])]
/// pub struct Net {
///     fc: Linear<4, 3>,
///     log: LogSoftmax,
/// }
/// let mut training = Training::<Net, UpTo<1>>::new(1);
/// training.gradients(&Net::new(1), &KlDivergence::default(), &[0.5; 4], &[0.5, 0.25, 0.25])?;
/// # Ok::<(), nanotorch::run::BatchError>(())
/// ```
/// Source: PyTorch's `torch.nn.LogSoftmax(dim=-1)`.
pub type LogSoftmax<T = f32> = Rowwise<softmax::LogSoftmax, T>;

impl<I: Shape, F: RowFunction, T: Float> Layer<I> for Rowwise<F, T> {
    type Out = I;
    const FIT: Fit = if I::RANK > 0 {
        Fit::Fits
    } else {
        Fit::mismatch(Text::new("takes an axis of classes"), Text::new("a scalar"), Text::EMPTY)
    };
    const FLOPS: usize = I::LEN * F::FLOPS;
    const NEEDS: Needs = Needs { output: true, in_place: true, ..Needs::NOTHING };
    const FORMULAS: Formulas = F::FORMULAS;

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[T], y: &mut [T], _: Memory<'_, T>) {
        pass.device().run(RowForward { function: F::default(), n: I::Last::N, x, y });
    }

    #[inline(always)]
    fn forward_in_place<P: Pass>(&self, pass: &mut P, y: &mut [T], _: Memory<'_, T>) {
        pass.device().run(RowForwardInPlace { function: F::default(), n: I::Last::N, y });
    }

    #[inline(always)]
    fn backward<P: Pass>(
        &self,
        pass: &mut P,
        edges: Backward<'_, T>,
        _: Option<&mut Self>,
        _: Memory<'_, T>,
    ) {
        let Backward { y, dy, dx, .. } = edges;
        if let Some(dx) = dx {
            pass.device().run(RowBackward { function: F::default(), n: I::Last::N, y, dy, dx });
        }
    }

    #[inline(always)]
    fn backward_in_place<P: Pass>(&self, pass: &mut P, _: &[T], y: &[T], dy: &mut [T], _: Memory<'_, T>) {
        pass.device().run(RowBackwardInPlace { function: F::default(), n: I::Last::N, y, dy });
    }
}

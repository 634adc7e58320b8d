//! How good a model is, and what it says.

use std::vec::Vec;

use super::{Evaluation, Metric, TrainError};
use crate::data::Dataset;
use crate::device::Calling;
use crate::element::Float;
use crate::loss::Loss;
use crate::model::{Model, OutputOf, Parameters};
use crate::run::{BatchError, Inference};
use crate::shape::{Shape, UpTo};

/// How many samples at a time: one number for all of a program, so that a model's code is there once.
const BATCH: usize = 64;

/// The data sets that a model of the type `M` can learn with the loss `L`.
pub(super) type Set<M, L> = Dataset<
    <M as Model>::Input,
    <L as Loss<OutputOf<M>, <M as Parameters>::Element>>::Target,
    <M as Parameters>::Element,
>;

/// The memory for evaluation.
pub(super) type Memory<M> = Inference<M, UpTo<BATCH>>;

/// What every model can do when it has learned something.
///
/// ```
/// use nanotorch::{data::Dataset, loss::CrossEntropy, prelude::*, train::{Accuracy, Evaluate}};
///
/// #[model(input = [2])]
/// pub struct Net {
///     fc: Linear<2, 2>,
/// }
/// let net = Net::new(1);
/// let set: Dataset<R1<2>> = Dataset::from_rows([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]], [0, 1, 1])?;
/// let evaluation = net.evaluate(&set, &CrossEntropy::default(), Accuracy::new())?;
/// println!("{evaluation}");
/// assert_eq!(net.predict(set.inputs())?.len(), 3 * 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Evaluate: Model {
    /// The mean loss on a data set, and the scores of the metrics (one, a tuple, or `&mut` of one to look at it afterwards).
    ///
    /// Dropout and the like do nothing here, as at inference. A loss that is a mean over a batch is weighted by the number of
    /// the batch's samples.
    ///
    /// # Errors
    /// The set is empty, or its targets don't fit the loss.
    fn evaluate<L: Loss<OutputOf<Self>, Self::Element>>(
        &self,
        set: &Dataset<Self::Input, L::Target, Self::Element>,
        loss: &L,
        mut metrics: impl Metric<Self::Element, L::Target>,
    ) -> Result<Evaluation, TrainError> {
        check(set, loss)?;
        metrics.reset();
        measure(&mut Memory::<Self>::new(), self, set, loss, &mut metrics)
    }

    /// The model's outputs for samples that lie one after the other, in the same order.
    ///
    /// # Errors
    /// The inputs are no whole number of samples.
    fn predict(&self, inputs: &[Self::Element]) -> Result<Vec<Self::Element>, BatchError> {
        let sample = <Self::Input as Shape>::LEN;
        if sample == 0 || !inputs.len().is_multiple_of(sample) {
            return Err(BatchError::InputLength { given: inputs.len(), sample });
        }
        let mut inference = Memory::<Self>::new();
        let mut outputs = Vec::with_capacity(inputs.len() / sample * <OutputOf<Self> as Shape>::LEN);
        for inputs in inputs.chunks(BATCH * sample) {
            outputs.extend_from_slice(inference.run(self, inputs)?);
        }
        Ok(outputs)
    }
}

impl<M: Model> Evaluate for M {}

/// Whether a data set can be used with a loss at all.
pub(super) fn check<S: Shape, Y, T: Float, Out: Shape, L: Loss<Out, T, Target = Y>>(
    set: &Dataset<S, Y, T>,
    loss: &L,
) -> Result<(), TrainError> {
    check_count(set.len(), set.targets_per_sample(), L::TARGETS)?;
    loss.check(set.targets()).map_err(TrainError::Target)
}

fn check_count(samples: usize, given: usize, needed: usize) -> Result<(), TrainError> {
    if samples == 0 {
        return Err(TrainError::Empty);
    }
    if given != needed {
        return Err(TrainError::TargetsPerSample { given, needed });
    }
    Ok(())
}

/// The loss and the scores on a data set that was checked, with metrics that were reset.
pub(super) fn measure<M: Model, L: Loss<OutputOf<M>, M::Element>>(
    inference: &mut Memory<M>,
    model: &M,
    set: &Set<M, L>,
    loss: &L,
    metrics: &mut dyn Metric<M::Element, L::Target>,
) -> Result<Evaluation, TrainError> {
    let mut mean = MeanLoss::default();
    for batch in set.chunks(BATCH) {
        let outputs = inference.run(model, batch.inputs)?;
        mean.add(batch.len, loss.value(&mut Calling::alone(), batch.len, outputs, batch.targets).to_f64());
        metrics.update(batch.len, outputs, batch.targets);
    }
    Ok(evaluation(&mean, metrics))
}

/// The mean of batches' losses, each weighted by the number of samples.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MeanLoss {
    sum: f64,
    samples: usize,
}

impl MeanLoss {
    #[inline(always)]
    pub(super) fn add(&mut self, samples: usize, loss: f64) {
        self.sum += samples as f64 * loss;
        self.samples += samples;
    }

    pub(super) fn value(&self) -> f64 {
        self.sum / self.samples as f64
    }
}

/// The loss and the scores so far.
pub(super) fn evaluation<T, Y>(loss: &MeanLoss, metrics: &dyn Metric<T, Y>) -> Evaluation {
    let mut scores = Vec::new();
    metrics.report(&mut |score| scores.push(score));
    Evaluation { loss: loss.value(), scores }
}

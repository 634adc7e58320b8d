//! A model's answers.

use core::marker::PhantomData;

use super::inlining::{OnDevice, on_device};
use super::{BatchError, MemoryError};
use crate::device::{Device, InferencePass};
use crate::extent::Extent;
use crate::model::{Layer, Memory, Model, Module, OutputOf, facts};
use crate::shape::{Batch, Shape};
#[cfg(feature = "alloc")]
use crate::storage::Block;
use crate::storage::{Arena, take};
use crate::threads::Team;

/// The memory in which a model of type `M` answers batches of `B`: no gradient, no saved values, and no allocation after
/// it is made.
///
/// ```
/// use nanotorch::{prelude::*, run::Inference};
///
/// #[model(input = [4])]
/// pub struct Net {
///     hidden: Linear<4, 16>,
///     tanh: Tanh,
///     head: Linear<16, 2>,
/// }
/// let net = Net::new(1);
/// let mut inference = Inference::<Net, UpTo<8>>::new();
/// let answers = inference.run(&net, &[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])?;
/// assert_eq!(answers.len(), 2 * 2);
/// # Ok::<(), nanotorch::run::BatchError>(())
/// ```
pub struct Inference<M: Module, B: Batch> {
    arena: Arena<M::Element>,
    team: Team,
    batch: PhantomData<B>,
}

#[cfg(feature = "alloc")]
impl<M: Model, B: Batch> Default for Inference<M, B> {
    fn default() -> Self {
        Self::new()
    }
}

// The bound stands on the functions, so that a model without an input is one error, at the type.
impl<M: Module, B: Batch> Inference<M, B> {
    /// The memory for one model and batch.
    #[cfg(feature = "alloc")]
    pub fn new() -> Self
    where
        M: Model,
    {
        let numbers = const { facts::infer_numbers::<M>(B::N) };
        Inference { arena: Arena::Heap(Block::zeros(numbers)), team: Team::ALONE, batch: PhantomData }
    }

    /// The same in static memory, of which it needs [`infer_bytes`](facts::infer_bytes): no allocator is needed. See
    /// [`Static`](super::Static).
    ///
    /// # Errors
    /// The memory is too small.
    pub fn new_static(memory: &'static mut [M::Element]) -> Result<Self, MemoryError>
    where
        M: Model,
    {
        let (given, needed) = (memory.len(), const { facts::infer_numbers::<M>(B::N) });
        if given < needed {
            return Err(MemoryError { given, needed });
        }
        Ok(Inference { arena: Arena::Static(memory), team: Team::ALONE, batch: PhantomData })
    }
}

impl<M: Model, B: Batch> Inference<M, B> {
    /// The same, with the calling thread and `threads - 1` others: see [`Training::threads`](super::Training::threads).
    #[cfg(feature = "std")]
    pub fn threads(mut self, threads: usize) -> Self {
        self.team = Team::of(threads, const { facts::workspace_bytes::<M>() });
        self
    }

    /// The model's outputs for the samples in `inputs`, one after the other.
    ///
    /// # Errors
    /// `inputs` is no whole number of samples, or more than the batch holds.
    #[inline]
    pub fn run(&mut self, model: &M, inputs: &[M::Element]) -> Result<&[M::Element], BatchError> {
        let rows = batch_rows::<M, B>(inputs)?;
        let threads = self.team.threads();
        let work = Work::<M, B> { model, rows, inputs, numbers: self.arena.as_mut_slice() };
        on_device::<M, B, _>(work, threads);
        Ok(&self.arena.as_slice()[..Extent::get(rows) * <OutputOf<M> as Shape>::LEN])
    }
}

/// The number of samples in `inputs`, if it is one that the batch can have.
#[inline(always)]
pub(super) fn batch_rows<M: Model, B: Batch>(inputs: &[M::Element]) -> Result<B::Rows, BatchError> {
    let sample = <M::Input as Shape>::LEN;
    if sample == 0 || !inputs.len().is_multiple_of(sample) {
        return Err(BatchError::InputLength { given: inputs.len(), sample });
    }
    let given = inputs.len() / sample;
    B::rows(given).ok_or(BatchError::Rows { given, capacity: B::N })
}

struct Work<'a, M: Model, B: Batch> {
    model: &'a M,
    rows: B::Rows,
    inputs: &'a [M::Element],
    numbers: &'a mut [M::Element],
}

impl<M: Model, B: Batch> OnDevice for Work<'_, M, B> {
    type Output = ();

    #[inline(always)]
    fn run<D: Device + Copy>(self, device: D) {
        let Work { model, rows, inputs, mut numbers } = self;
        let needs = const { <M as Layer<M::Input>>::NEEDS };
        let count = rows.get();
        let output = take(&mut numbers, count * <OutputOf<M> as Shape>::LEN);
        let scratch = take(&mut numbers, count * needs.infer);
        let workspace = take(&mut numbers, needs.workspace);
        let memory = Memory { saved: &mut [], scratch, workspace };
        model.forward(&mut InferencePass { device, rows }, inputs, output, memory);
    }
}

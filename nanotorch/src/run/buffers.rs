//! What a model's buffers, such as running means, are going to be when a step is done.
//!
//! A forward pass only reads the model. So it takes down what layers have observed, and the optimizer's change comes with these
//! numbers.

use core::ops::Range;

use crate::device::{Device, Pass, TrainingPass, Wants};
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::Accumulate;
use crate::model::{Parameters, Role, for_each_parameter};
use crate::random::Random;

/// The last numbers of the memory are those of the buffers: they outlive a step.
#[inline(always)]
pub(super) fn split<M: Parameters>(numbers: &mut [M::Element]) -> (&mut [M::Element], &mut [M::Element]) {
    numbers.split_at_mut(numbers.len().saturating_sub(M::BUFFERS))
}

/// Calls `each` with the place of every buffer in the model, and among the buffers.
fn for_each_buffer<M: Parameters>(each: &mut dyn FnMut(Range<usize>, usize)) {
    if const { M::BUFFERS == 0 } {
        return;
    }
    let mut place = 0;
    for_each_parameter::<M>(|parameter| {
        if parameter.role == Role::Buffer {
            each(parameter.range(), place);
            place += parameter.len();
        }
    });
}

/// Takes down what the buffers are now.
pub(super) fn remember<M: Parameters>(model: &M, buffers: &mut [M::Element]) {
    if const { M::BUFFERS == 0 } {
        return;
    }
    for_each_buffer::<M>(&mut |range, place| {
        let length = range.len();
        buffers[place..][..length].copy_from_slice(&model.values()[range]);
    });
}

/// Puts into the model what its buffers are going to be.
pub(super) fn absorb<M: Parameters>(model: &mut M, buffers: &[M::Element]) {
    if const { M::BUFFERS == 0 } {
        return;
    }
    for_each_buffer::<M>(&mut |range, place| {
        let length = range.len();
        model.values_mut()[range].copy_from_slice(&buffers[place..][..length]);
    });
}

/// A model's buffers, as they are and as they are going to be. Its type doesn't name the model's, so that layers of one shape
/// are the same function in all models.
pub(super) struct Buffers<'a, T> {
    values: &'a [T],
    next: &'a mut [T],
    places: fn(&mut dyn FnMut(Range<usize>, usize)),
}

impl<'a, T> Buffers<'a, T> {
    /// Those of `model`, which are going to be `next`.
    #[inline(always)]
    pub(super) fn of<M: Parameters<Element = T>>(model: &'a M, next: &'a mut [T]) -> Self {
        Buffers { values: model.values(), next, places: for_each_buffer::<M> }
    }
}

/// A training pass over a model that takes down what is observed.
pub(super) struct Observing<'a, D, R, T> {
    pub(super) pass: TrainingPass<'a, D, R>,
    pub(super) buffers: Buffers<'a, T>,
}

impl<D: Device, R: Extent, Number: Float> Pass for Observing<'_, D, R, Number> {
    type Device = D;
    type Rows = R;
    const TRAINING: bool = true;
    #[inline(always)]
    fn device(&mut self) -> &mut D {
        self.pass.device()
    }
    #[inline(always)]
    fn rows(&self) -> R {
        self.pass.rows()
    }
    #[inline(always)]
    fn accumulate(&self) -> Accumulate {
        self.pass.accumulate()
    }
    #[inline(always)]
    fn set_accumulate(&mut self, accumulate: Accumulate) -> Accumulate {
        self.pass.set_accumulate(accumulate)
    }
    #[inline(always)]
    fn wants(&self) -> Wants {
        self.pass.wants()
    }
    #[inline(always)]
    fn set_wants(&mut self, wants: Wants) -> Wants {
        self.pass.set_wants(wants)
    }
    #[inline(always)]
    fn random(&mut self) -> Option<&mut Random> {
        self.pass.random()
    }
    fn observe<T: Float>(&mut self, buffer: &[T], value: &[T], momentum: f64) {
        let Buffers { values, next, places } = &mut self.buffers;
        // Which part of the model it is, its address says.
        let distance = buffer.as_ptr().addr().wrapping_sub(values.as_ptr().addr());
        places(&mut |range, place| {
            if range.start * size_of::<T>() == distance && range.len() == value.len() {
                for (number, value) in next[place..][..value.len()].iter_mut().zip(value) {
                    let value = Number::from_f64(value.to_f64());
                    let momentum = Number::from_f64(momentum);
                    *number = momentum * value + (Number::ONE - momentum) * *number;
                }
            }
        });
    }
}

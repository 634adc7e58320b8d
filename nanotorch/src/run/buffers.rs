//! What a model's buffers, such as running means, are going to be when a step is done.
//!
//! A forward pass only reads the model. So it takes down what layers have observed, and the optimizer's change comes with these
//! numbers.

use crate::device::{Pass, TrainingPass, Wants};
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
fn for_each_buffer<M: Parameters>(mut each: impl FnMut(core::ops::Range<usize>, usize)) {
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
    if M::BUFFERS > 0 {
        for_each_buffer::<M>(|range, place| {
            let length = range.len();
            buffers[place..][..length].copy_from_slice(&model.values()[range]);
        });
    }
}

/// Puts into the model what its buffers are going to be.
pub(super) fn absorb<M: Parameters>(model: &mut M, buffers: &[M::Element]) {
    if M::BUFFERS > 0 {
        for_each_buffer::<M>(|range, place| {
            let length = range.len();
            model.values_mut()[range].copy_from_slice(&buffers[place..][..length]);
        });
    }
}

/// A training pass over a model that takes down what is observed.
pub(super) struct Observing<'a, D, R, M: Parameters> {
    pub(super) pass: TrainingPass<'a, D, R>,
    pub(super) model: &'a M,
    pub(super) buffers: &'a mut [M::Element],
}

impl<D: crate::device::Device, R: Extent, M: Parameters> Pass for Observing<'_, D, R, M> {
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
        // Which part of the model it is, its address says.
        let distance = buffer.as_ptr().addr().wrapping_sub(self.model.values().as_ptr().addr());
        for_each_buffer::<M>(|range, place| {
            if range.start * size_of::<T>() == distance && range.len() == value.len() {
                for (number, value) in self.buffers[place..][..value.len()].iter_mut().zip(value) {
                    let value = M::Element::from_f64(value.to_f64());
                    let momentum = M::Element::from_f64(momentum);
                    *number = momentum * value + (M::Element::ONE - momentum) * *number;
                }
            }
        });
    }
}

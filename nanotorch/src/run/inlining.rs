//! Whether a model's kernels become part of one function, or are functions that its layers share.
//!
//! A call of a kernel costs some nanoseconds, so very small networks are one function, with nothing left of their layers but
//! the arithmetic. That function is as long as the network is deep, for each instruction set, and is compiled anew for training
//! and inference: where kernels have more to do than a call costs, they are compiled once for each shape.

use crate::device::{Calling, Cpu, Device};
use crate::model::{Layer, Model};
use crate::shape::Batch;
use crate::simd::{Simd, WithSimd, dispatch};
use crate::threads::Threads;

/// The most steps that become part of one function.
const STEPS: usize = 12;
/// Floating-point operations of a step's forward pass, above which a call isn't felt.
const WORK: usize = 1 << 15;

/// Whether the kernels of the model `M` on batches of `B` become part of one function.
pub(super) const fn is_inlined<M: Model, B: Batch>() -> bool {
    let steps = <M as Layer<M::Input>>::STEPS;
    let work = <M as Layer<M::Input>>::FLOPS * B::N;
    steps <= STEPS && work <= steps * WORK
}

/// What is done with a model, on any device.
pub(super) trait OnDevice {
    /// What it returns.
    type Output;
    /// Does it. Mark the implementation `#[inline(always)]`.
    fn run<D: Device + Copy>(self, device: D) -> Self::Output;
}

/// Does `work` with the device that suits the model.
#[inline(always)]
pub(super) fn on_device<M: Model, B: Batch, W: OnDevice>(work: W, threads: Threads<'_>) -> W::Output {
    if const { is_inlined::<M, B>() } {
        dispatch(Inlined { work, threads })
    } else {
        work.run(Calling::on(threads))
    }
}

struct Inlined<'a, W> {
    work: W,
    threads: Threads<'a>,
}

impl<W: OnDevice> WithSimd for Inlined<'_, W> {
    type Output = W::Output;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> W::Output {
        self.work.run(Cpu { simd, threads: self.threads })
    }
}

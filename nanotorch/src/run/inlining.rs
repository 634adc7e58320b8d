//! Whether a model's kernels become part of one function, or are functions that its layers share.
//!
//! A call of a kernel costs some nanoseconds, so very small networks are one function, with nothing left of their layers but
//! the arithmetic. That function is as long as the network is deep, for each instruction set, and is compiled anew for training
//! and inference: where kernels have more to do than a call costs, they are compiled once for each shape.

use crate::model::{Layer, Model};
use crate::shape::Batch;
use crate::simd::{Simd, Vector, VectorOf};

/// The most steps that become part of one function.
const STEPS: usize = 12;
/// Floating-point operations of a step's forward pass, above which a call isn't felt.
const WORK: usize = 1 << 15;

/// Whether the kernels of the model `M` on batches of `B` become part of one function.
pub(super) const fn is_inlined<M: Model, B: Batch, S: Simd>() -> bool {
    let steps = <M as Layer<M::Input>>::STEPS;
    let work = <M as Layer<M::Input>>::FLOPS * B::N;
    // Without vectors a kernel takes its time.
    VectorOf::<S, M::Element>::LANES > 1 && steps <= STEPS && work <= steps * WORK
}

/// Runs `$run` with the device that suits the model.
macro_rules! on_device {
    ($Model:ident, $Batch:ident, $cpu:expr, |$device:ident| $run:expr) => {
        if const { $crate::run::inlining::is_inlined::<$Model, $Batch, S>() } {
            let $device = $cpu;
            $run
        } else {
            let $device = $crate::device::Calling($cpu);
            $run
        }
    };
}
pub(super) use on_device;

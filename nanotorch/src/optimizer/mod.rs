//! Optimizers: how a gradient changes the parameters.

use crate::device::Cpu;
use crate::model::Module;
use crate::simd::Simd;

/// Something that changes the parameters of a model of type `M` by its gradient.
pub trait Optimizer<M: Module> {
    /// Takes one step. Mark the implementation `#[inline(always)]`; it allocates nothing.
    fn step<S: Simd>(&mut self, cpu: Cpu<S>, model: &mut M, gradient: &mut M::Gradient);
    /// The learning rate of the next step.
    fn learning_rate(&self) -> f64;
    /// Sets the learning rate of the next steps.
    fn set_learning_rate(&mut self, rate: f64);
    /// How many steps were taken.
    fn steps(&self) -> u64;
}

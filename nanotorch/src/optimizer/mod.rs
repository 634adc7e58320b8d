//! Optimizers: how a gradient changes the parameters.
//!
//! [`Sgd`], [`Adam`], [`AdamW`] and [`RmsProp`] are plain values that say what is wanted; [`build`](Settings::build) makes of
//! them a [`Descent`]: the settings, the moments (each of the type of the model's gradient, allocated once) and the count
//! of steps. A step is one pass over the flat numbers and allocates nothing.
//!
//! ```
//! use nanotorch::optimizer::{AdamW, NoDecayOnBiases};
//! use nanotorch::prelude::*;
//!
//! #[model(input = [4])]
//! pub struct Net {
//!     hidden: Linear<4, 16>,
//!     tanh: Tanh,
//!     head: Linear<16, 2>,
//! }
//! let optimizer = AdamW::new(1e-3).betas(0.9, 0.99).groups(NoDecayOnBiases).clip_norm(1.0).build::<Net>();
//! # let _ = optimizer;
//! ```
//!
//! # Several batches as one step
//! Gradients add up in [`Training::add_gradients`](crate::run::Training::add_gradients); with a loss that is a mean, the sum
//! of `k` of them is divided by `k`:
//!
//! ```
//! use nanotorch::{loss::Mse, optimizer::{Sgd, scale}, prelude::*, run::Training};
//! # #[model(input = [2])]
//! # pub struct Line {
//! #     fc: Linear<2, 1>,
//! # }
//! let mut line = Line::new(1);
//! let mut training = Training::<Line, Const<2>>::new(7);
//! let mut optimizer = Sgd::new(0.1).build::<Line>();
//! let batches = [([0.0, 1.0, 1.0, 0.0], [1.0, 2.0]), ([1.0, 1.0, 0.5, 0.0], [3.0, 1.0])];
//! training.gradients(&line, &Mse::default(), &batches[0].0, &batches[0].1)?;
//! training.add_gradients(&line, &Mse::default(), &batches[1].0, &batches[1].1)?;
//! scale(training.gradient_mut(), 1.0 / 2.0);
//! training.apply(&mut line, &mut optimizer);
//! # Ok::<(), nanotorch::run::BatchError>(())
//! ```
//!
//! An optimizer of one's own is a [`Rule`]: what becomes of a run of numbers; groups, clipping and checkpoints come with it.
//! Here is what a step does with the numbers; the arithmetic is [`crate::kernel::update`], rates over time are
//! [`crate::schedule`].

mod adam;
#[cfg(feature = "alloc")]
mod average;
mod descent;
mod gradient;
mod groups;
mod pace;
mod rms_prop;
mod rule;
mod settings;
mod sgd;
mod split;

pub use adam::{Adam, AdamRule, AdamW};
#[cfg(feature = "alloc")]
pub use average::MovingAverage;
pub use descent::Descent;
#[cfg(feature = "alloc")]
pub use gradient::{NonFinite, first_non_finite};
pub use gradient::{clip_norm, clip_value, norm, scale};
pub use groups::{GroupSetting, Groups, NoDecayOnBiases, NoDecayOnVectors, Uniform};
pub use rms_prop::{RmsProp, RmsPropRule};
pub use rule::{MAX_MOMENTS, Numbers, Rule, StepFacts, Update};
pub use settings::{SettingError, Settings};
pub use sgd::{Sgd, SgdRule};

use crate::device::Device;
use crate::model::Module;

/// Something that changes the parameters of a model of type `M` by its gradient.
#[diagnostic::on_unimplemented(
    message = "`{Self}` doesn't train `{M}`",
    label = "not an optimizer of `{M}`",
    note = "an optimizer is built for the model that it trains: `Adam::new(0.001).build::<Net>()`"
)]
pub trait Optimizer<M: Module> {
    /// Takes one step. Mark the implementation `#[inline(always)]`; it allocates nothing.
    ///
    /// The gradient's contents are arbitrary afterwards.
    fn step<D: Device>(&mut self, device: &mut D, model: &mut M, gradient: &mut M::Gradient);
    /// The learning rate of the next step.
    fn learning_rate(&self) -> f64;
    /// Sets the learning rate of the next steps.
    fn set_learning_rate(&mut self, rate: f64);
    /// How many steps were taken.
    fn steps(&self) -> u64;
    /// Sets how many steps were taken, when a saved state is resumed.
    fn set_steps(&mut self, steps: u64);
    /// Its name, under which a saved state is known to be of this kind.
    fn name(&self) -> &'static str;
    /// Shows each moment that it keeps, with its name: what has to be saved, apart from the steps and the learning rate, for
    /// the next step to be the same bit for bit.
    fn moments<'a>(&'a self, see: &mut dyn FnMut(&'static str, &'a M::Gradient)) {
        let _ = see;
    }
    /// As [`moments`](Optimizer::moments), in the same order, to be changed.
    fn moments_mut(&mut self, see: &mut dyn FnMut(&'static str, &mut M::Gradient)) {
        let _ = see;
    }
}

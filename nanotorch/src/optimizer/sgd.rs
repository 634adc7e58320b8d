//! Stochastic gradient descent.

use super::SettingError;
use super::rule::{Numbers, Rule, StepFacts, Update};
use super::settings::Settings;
use super::split::carry_out;
use crate::device::Cpu;
use crate::element::Float;
use crate::kernel::update;
use crate::simd::Simd;
use crate::threads::Threads;

/// `v = momentum v + g`, `p -= lr v`: stochastic gradient descent.
///
/// Without momentum (the default) that is `p -= lr g`, and no moment is kept. Nesterov's momentum looks a step ahead: `p -= lr
/// (g + momentum v)`. Weight decay adds `weight_decay p` to `g` first.
///
/// ```
/// use nanotorch::optimizer::Sgd;
/// use nanotorch::prelude::*;
/// # #[model(input = [2])]
/// # pub struct Line {
/// #     fc: Linear<2, 1>,
/// # }
/// let optimizer = Sgd::new(0.1).momentum(0.9).nesterov().weight_decay(1e-4).build::<Line>();
/// # let _ = optimizer;
/// ```
/// Source: PyTorch's `torch.optim.SGD`, with dampening 0.
pub type Sgd<G = super::Uniform> = Settings<SgdRule, G>;

/// The rule of [`Sgd`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SgdRule {
    /// The step, as a part of the velocity.
    pub learning_rate: f64,
    /// The part of the last velocity that is kept.
    pub momentum: f64,
    /// Whether the gradient is taken a step of the velocity ahead.
    pub nesterov: bool,
    /// Added to the gradient, times the parameter.
    pub weight_decay: f64,
}

impl Settings<SgdRule> {
    /// Gradient descent with the learning rate `learning_rate`.
    pub const fn new(learning_rate: f64) -> Self {
        Settings::of(SgdRule { learning_rate, momentum: 0.0, nesterov: false, weight_decay: 0.0 })
    }
}

impl<G> Settings<SgdRule, G> {
    /// The part of the last velocity that is kept.
    pub const fn momentum(mut self, momentum: f64) -> Self {
        self.rule.momentum = momentum;
        self
    }

    /// Nesterov's momentum.
    pub const fn nesterov(mut self) -> Self {
        self.rule.nesterov = true;
        self
    }

    /// Adds `decay` times the parameter to the gradient.
    pub const fn weight_decay(mut self, decay: f64) -> Self {
        self.rule.weight_decay = decay;
        self
    }
}

impl Rule for SgdRule {
    const NAME: &'static str = "sgd";
    const MOMENTS: &'static [&'static str] = &["momentum_buffer"];
    type Update<T: Float> = update::Sgd;

    #[inline(always)]
    fn update<T: Float>(&self, facts: &StepFacts) -> update::Sgd {
        update::Sgd {
            gradient_scale: facts.gradient_scale,
            learning_rate: self.learning_rate * facts.setting.rate_scale,
            momentum: self.momentum,
            weight_decay: self.weight_decay * facts.setting.decay_scale,
            nesterov: self.nesterov,
        }
    }

    fn keeps(&self) -> usize {
        usize::from(self.momentum != 0.0)
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, rate: f64) {
        self.learning_rate = rate;
    }

    #[inline]
    fn check(&self) -> Result<(), SettingError> {
        SettingError::unless_positive("learning_rate", self.learning_rate)?;
        SettingError::unless_part("momentum", self.momentum)?;
        SettingError::unless_positive("weight_decay", self.weight_decay)?;
        let allowed = "above 0 for Nesterov's momentum";
        SettingError::unless(!self.nesterov || self.momentum > 0.0, "momentum", self.momentum, allowed)
    }
}

impl<T: Float> Update<T> for update::Sgd {
    #[inline(always)]
    fn apply<S: Simd>(&self, cpu: Cpu<S>, numbers: Numbers<'_, T>) {
        let Numbers { parameters, gradients, moments: [velocities, _] } = numbers;
        if velocities.is_empty() {
            self.step(cpu.simd, parameters, gradients);
        } else {
            self.step_with_momentum(cpu.simd, parameters, gradients, velocities);
        }
    }

    #[inline(always)]
    fn carry_out(&self, threads: Threads<'_>, numbers: Numbers<'_, T>) {
        #[cfg(feature = "prebuilt")]
        if const { T::IS_F32 } {
            return sgd_f32(self, threads, numbers.f32s());
        }
        carry_out(self, threads, numbers);
    }
}

#[cfg(feature = "prebuilt")]
#[inline(never)]
fn sgd_f32(update: &update::Sgd, threads: Threads<'_>, numbers: Numbers<'_, f32>) {
    carry_out(update, threads, numbers);
}

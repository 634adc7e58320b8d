//! RMSprop.

use super::SettingError;
use super::rule::{Numbers, Rule, StepFacts, Update};
use super::settings::Settings;
use super::split::carry_out;
use crate::device::Cpu;
use crate::element::Float;
use crate::kernel::update;
use crate::simd::Simd;
use crate::threads::Threads;

/// `v = α v + (1 - α) g²`, `p -= lr g / (√v + ε)`: RMSprop, with α = 0.99 and ε = 1e-8 unless others are given.
///
/// With momentum: `b = momentum b + g / (√v + ε)`, `p -= lr b`. Weight decay adds `weight_decay p` to `g` first.
///
/// ```
/// use nanotorch::optimizer::RmsProp;
/// use nanotorch::prelude::*;
/// # #[model(input = [2])]
/// # pub struct Line {
/// #     fc: Linear<2, 1>,
/// # }
/// let optimizer = RmsProp::new(1e-2).alpha(0.9).momentum(0.9).build::<Line>();
/// # let _ = optimizer;
/// ```
/// Source: T. Hinton, Neural networks for machine learning, lecture 6, 2012; PyTorch's `torch.optim.RMSprop`, not centred.
pub type RmsProp<G = super::Uniform> = Settings<RmsPropRule, G>;

/// The rule of [`RmsProp`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsPropRule {
    /// The step where gradients have a constant size.
    pub learning_rate: f64,
    /// The part of the mean squared gradient that is kept.
    pub alpha: f64,
    /// Added to the root of the mean squared gradient.
    pub epsilon: f64,
    /// Added to the gradient, times the parameter.
    pub weight_decay: f64,
    /// The part of the last velocity that is kept.
    pub momentum: f64,
}

impl Settings<RmsPropRule> {
    /// RMSprop with the learning rate `learning_rate` (PyTorch's default is 1e-2).
    pub const fn new(learning_rate: f64) -> Self {
        let rule =
            RmsPropRule { learning_rate, alpha: 0.99, epsilon: 1e-8, weight_decay: 0.0, momentum: 0.0 };
        Settings::of(rule)
    }
}

impl<G> Settings<RmsPropRule, G> {
    /// The part of the mean squared gradient that is kept.
    pub const fn alpha(mut self, alpha: f64) -> Self {
        self.rule.alpha = alpha;
        self
    }

    /// What is added to the root of the mean squared gradient.
    pub const fn epsilon(mut self, epsilon: f64) -> Self {
        self.rule.epsilon = epsilon;
        self
    }

    /// The part of the last velocity that is kept.
    pub const fn momentum(mut self, momentum: f64) -> Self {
        self.rule.momentum = momentum;
        self
    }

    /// Adds `decay` times the parameter to the gradient.
    pub const fn weight_decay(mut self, decay: f64) -> Self {
        self.rule.weight_decay = decay;
        self
    }
}

impl Rule for RmsPropRule {
    const NAME: &'static str = "rmsprop";
    const MOMENTS: &'static [&'static str] = &["square_avg", "momentum_buffer"];
    type Update<T: Float> = update::RmsProp;

    #[inline(always)]
    fn update<T: Float>(&self, facts: &StepFacts) -> update::RmsProp {
        update::RmsProp {
            gradient_scale: facts.gradient_scale,
            learning_rate: self.learning_rate * facts.setting.rate_scale,
            alpha: self.alpha,
            epsilon: self.epsilon,
            weight_decay: self.weight_decay * facts.setting.decay_scale,
            momentum: self.momentum,
        }
    }

    fn keeps(&self) -> usize {
        1 + usize::from(self.momentum != 0.0)
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
        SettingError::unless_part("alpha", self.alpha)?;
        SettingError::unless_positive("epsilon", self.epsilon)?;
        SettingError::unless_positive("weight_decay", self.weight_decay)?;
        SettingError::unless_part("momentum", self.momentum)
    }
}

impl<T: Float> Update<T> for update::RmsProp {
    #[inline(always)]
    fn apply<S: Simd>(&self, cpu: Cpu<S>, numbers: Numbers<'_, T>) {
        let Numbers { parameters, gradients, moments: [squares, velocities] } = numbers;
        if velocities.is_empty() {
            self.step(cpu.simd, parameters, gradients, squares);
        } else {
            self.step_with_momentum(cpu.simd, parameters, gradients, squares, velocities);
        }
    }

    #[inline(always)]
    fn carry_out(&self, threads: Threads<'_>, numbers: Numbers<'_, T>) {
        #[cfg(feature = "prebuilt")]
        if const { T::IS_F32 } {
            return rms_prop_f32(self, threads, numbers.f32s());
        }
        carry_out(self, threads, numbers);
    }
}

#[cfg(feature = "prebuilt")]
#[inline(never)]
fn rms_prop_f32(update: &update::RmsProp, threads: Threads<'_>, numbers: Numbers<'_, f32>) {
    carry_out(update, threads, numbers);
}

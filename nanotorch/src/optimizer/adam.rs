//! Adam and AdamW.

use core::any::Any;

use super::SettingError;
use super::rule::{Numbers, Rule, StepFacts, Update};
use super::settings::Settings;
use super::split::carry_out;
use crate::device::Cpu;
use crate::element::Float;
use crate::kernel::update;
use crate::simd::Simd;
use crate::threads::Threads;

/// `m = β1 m + (1 - β1) g`, `v = β2 v + (1 - β2) g²`, `p -= lr m̂ / (√v̂ + ε)`: Adam.
///
/// `m̂ = m / (1 - β1^t)` and `v̂ = v / (1 - β2^t)` undo that the moments begin at 0. The defaults: β1 = 0.9, β2 = 0.999, ε = 1e-8.
/// Weight decay (none) adds `weight_decay p` to `g` first.
///
/// ```
/// use nanotorch::optimizer::Adam;
/// use nanotorch::prelude::*;
/// # #[model(input = [2])]
/// # pub struct Line {
/// #     fc: Linear<2, 1>,
/// # }
/// let optimizer = Adam::new(1e-3).betas(0.9, 0.99).epsilon(1e-6).build::<Line>();
/// # let _ = optimizer;
/// ```
/// Source: D. Kingma and J. Ba, Adam: a method for stochastic optimization, 2014; PyTorch's `torch.optim.Adam`.
pub type Adam<G = super::Uniform> = Settings<AdamRule<false>, G>;

/// `p *= 1 - lr weight_decay`, then as [`Adam`]: AdamW, with decay 0.01 unless another is given.
///
/// ```
/// use nanotorch::optimizer::{AdamW, NoDecayOnBiases};
/// use nanotorch::prelude::*;
/// # #[model(input = [2])]
/// # pub struct Line {
/// #     fc: Linear<2, 1>,
/// # }
/// let optimizer = AdamW::new(1e-3).weight_decay(0.1).groups(NoDecayOnBiases).build::<Line>();
/// # let _ = optimizer;
/// ```
/// Source: I. Loshchilov and F. Hutter, Decoupled weight decay regularization, 2017; PyTorch's `torch.optim.AdamW`.
pub type AdamW<G = super::Uniform> = Settings<AdamRule<true>, G>;

/// The rule of [`Adam`] and, with the decay decoupled from the gradient, of [`AdamW`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamRule<const DECOUPLED: bool> {
    /// The step where gradients have a constant size.
    pub learning_rate: f64,
    /// The part of the mean gradient that is kept.
    pub beta1: f64,
    /// The part of the mean squared gradient that is kept.
    pub beta2: f64,
    /// Added to the root of the mean squared gradient.
    pub epsilon: f64,
    /// How strongly parameters are pulled to 0.
    pub weight_decay: f64,
}

impl<const DECOUPLED: bool> AdamRule<DECOUPLED> {
    const fn new(learning_rate: f64, weight_decay: f64) -> Self {
        AdamRule { learning_rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay }
    }
}

impl Settings<AdamRule<false>> {
    /// Adam with the learning rate `learning_rate` (PyTorch's default is 1e-3).
    pub const fn new(learning_rate: f64) -> Self {
        Settings::of(AdamRule::new(learning_rate, 0.0))
    }
}

impl Settings<AdamRule<true>> {
    /// AdamW with the learning rate `learning_rate` (PyTorch's default is 1e-3).
    pub const fn new(learning_rate: f64) -> Self {
        Settings::of(AdamRule::new(learning_rate, 0.01))
    }
}

impl<const DECOUPLED: bool, G> Settings<AdamRule<DECOUPLED>, G> {
    /// The parts of the mean gradient and of the mean squared gradient that are kept.
    pub const fn betas(mut self, beta1: f64, beta2: f64) -> Self {
        self.rule.beta1 = beta1;
        self.rule.beta2 = beta2;
        self
    }

    /// What is added to the root of the mean squared gradient.
    pub const fn epsilon(mut self, epsilon: f64) -> Self {
        self.rule.epsilon = epsilon;
        self
    }

    /// How strongly parameters are pulled to 0.
    pub const fn weight_decay(mut self, decay: f64) -> Self {
        self.rule.weight_decay = decay;
        self
    }
}

impl<const DECOUPLED: bool> Rule for AdamRule<DECOUPLED> {
    const NAME: &'static str = if DECOUPLED { "adamw" } else { "adam" };
    const MOMENTS: &'static [&'static str] = &["exp_avg", "exp_avg_sq"];
    type Update<T: Float> = update::Adam<T>;

    #[inline(always)]
    fn update<T: Float>(&self, facts: &StepFacts) -> update::Adam<T> {
        let settings = update::AdamSettings {
            learning_rate: self.learning_rate * facts.setting.rate_scale,
            beta1: self.beta1,
            beta2: self.beta2,
            epsilon: self.epsilon,
            weight_decay: self.weight_decay * facts.setting.decay_scale,
            decoupled: DECOUPLED,
        };
        update::Adam::new(&settings, facts.step, facts.gradient_scale)
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, rate: f64) {
        self.learning_rate = rate;
    }

    fn check(&self) -> Result<(), SettingError> {
        let AdamRule { learning_rate, beta1, beta2, epsilon, weight_decay } = *self;
        check([learning_rate, epsilon, weight_decay], [beta1, beta2])
    }
}

/// Not generic, so that it is compiled once.
fn check(
    [learning_rate, epsilon, weight_decay]: [f64; 3],
    [beta1, beta2]: [f64; 2],
) -> Result<(), SettingError> {
    SettingError::unless_positive("learning_rate", learning_rate)?;
    SettingError::unless_part("beta1", beta1)?;
    SettingError::unless_part("beta2", beta2)?;
    SettingError::unless_positive("epsilon", epsilon)?;
    SettingError::unless_positive("weight_decay", weight_decay)
}

impl<T: Float> Update<T> for update::Adam<T> {
    #[inline(always)]
    fn apply<S: Simd>(&self, cpu: Cpu<S>, numbers: Numbers<'_, T>) {
        let Numbers { parameters, gradients, moments: [first, second] } = numbers;
        self.step(cpu.simd, parameters, gradients, first, second);
    }

    #[inline(always)]
    fn carry_out(&self, threads: Threads<'_>, numbers: Numbers<'_, T>) {
        if const { T::IS_F32 } {
            if let Some(update) = (self as &dyn Any).downcast_ref() {
                adam_f32(update, threads, numbers.f32s());
            }
        } else {
            carry_out(self, threads, numbers);
        }
    }
}

#[inline(never)]
fn adam_f32(update: &update::Adam<f32>, threads: Threads<'_>, numbers: Numbers<'_, f32>) {
    carry_out(update, threads, numbers);
}

//! What an optimizer does with a run of numbers.

use super::SettingError;
use super::groups::GroupSetting;
use super::split::carry_out;
use crate::device::Cpu;
use crate::element::Float;
use crate::simd::Simd;
use crate::threads::Threads;

/// The most moments that a rule may keep.
pub const MAX_MOMENTS: usize = 2;

/// How an optimizer changes parameters by their gradient: a plain value that holds its settings.
///
/// ```
/// use nanotorch::device::Cpu;
/// use nanotorch::optimizer::{Numbers, Rule, Settings, StepFacts, Update};
/// use nanotorch::prelude::*;
/// use nanotorch::simd::Simd;
///
/// /// `p -= lr sign(g)`.
/// #[derive(Clone, Debug)]
/// struct Sign(f64);
/// struct SignUpdate<T>(T);
///
/// impl Rule for Sign {
///     const NAME: &'static str = "sign";
///     type Update<T: Float> = SignUpdate<T>;
///     fn update<T: Float>(&self, facts: &StepFacts) -> SignUpdate<T> {
///         SignUpdate(T::from_f64(self.0 * facts.setting.rate_scale))
///     }
///     fn learning_rate(&self) -> f64 {
///         self.0
///     }
///     fn set_learning_rate(&mut self, rate: f64) {
///         self.0 = rate;
///     }
/// }
/// impl<T: Float> Update<T> for SignUpdate<T> {
///     #[inline(always)]
///     fn apply<S: Simd>(&self, _: Cpu<S>, numbers: Numbers<'_, T>) {
///         for (p, &g) in numbers.parameters.iter_mut().zip(numbers.gradients) {
///             *p -= if g > T::ZERO { self.0 } else if g < T::ZERO { -self.0 } else { T::ZERO };
///         }
///     }
/// }
/// # #[model(input = [2])]
/// # pub struct Line {
/// #     fc: Linear<2, 1>,
/// # }
/// let optimizer = Settings::of(Sign(0.01)).clip_norm(1.0).build::<Line>();
/// # let _ = optimizer;
/// ```
pub trait Rule: Clone {
    /// Its name in checkpoints.
    const NAME: &'static str;
    /// The names of the moments that it may keep, at most [`MAX_MOMENTS`]; PyTorch's where PyTorch has them.
    const MOMENTS: &'static [&'static str] = &[];
    /// What it does in one step.
    type Update<T: Float>: Update<T>;

    /// What it does in one step with parameters of one group: here is computed what is the same for all of them.
    fn update<T: Float>(&self, facts: &StepFacts) -> Self::Update<T>;
    /// How many of its moments it keeps, as it is set.
    fn keeps(&self) -> usize {
        Self::MOMENTS.len()
    }
    /// The learning rate.
    fn learning_rate(&self) -> f64;
    /// Sets the learning rate.
    fn set_learning_rate(&mut self, rate: f64);
    /// Whether its settings make sense.
    ///
    /// # Errors
    /// The first that doesn't.
    fn check(&self) -> Result<(), SettingError> {
        Ok(())
    }
}

/// What a rule is told about a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepFacts {
    /// Which step it is, from 1 on.
    pub step: u64,
    /// What gradients are multiplied by before they are used: below 1 if they are clipped.
    pub gradient_scale: f64,
    /// What holds for the group of parameters.
    pub setting: GroupSetting,
}

/// A rule's change of a run of numbers, in one step.
pub trait Update<T: Float>: Sync {
    /// Changes them. Mark the implementation `#[inline(always)]`; it allocates nothing.
    ///
    /// Each by its own gradient and moments: a long run comes in parts, on several threads.
    fn apply<S: Simd>(&self, cpu: Cpu<S>, numbers: Numbers<'_, T>);
    /// The same on these threads, as a function that looks for the instruction set itself. The library's own rules have one that
    /// is compiled in this crate.
    #[inline(never)]
    fn carry_out(&self, threads: Threads<'_>, numbers: Numbers<'_, T>) {
        carry_out(self, threads, numbers);
    }
}

/// A run of numbers of a model with their gradients and moments.
#[derive(Debug)]
pub struct Numbers<'a, T> {
    /// The parameters.
    pub parameters: &'a mut [T],
    /// Their gradients, as many.
    pub gradients: &'a [T],
    /// Their moments, as many, in the order of [`Rule::MOMENTS`]; those that aren't kept are empty. 0 before the first step.
    pub moments: [&'a mut [T]; MAX_MOMENTS],
}

impl<'a, T: Float> Numbers<'a, T> {
    /// The same, known to be `f32`.
    #[inline(always)]
    pub(super) fn f32s(self) -> Numbers<'a, f32> {
        let Numbers { parameters, gradients, moments: [first, second] } = self;
        Numbers {
            parameters: T::f32s_mut(parameters),
            gradients: T::f32s(gradients),
            moments: [T::f32s_mut(first), T::f32s_mut(second)],
        }
    }
}

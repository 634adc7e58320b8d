//! An optimizer at work: settings, moments and the count of steps.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

#[cfg(feature = "alloc")]
use super::gradient::{NonFinite, name_of};
#[cfg(feature = "alloc")]
use super::groups::table;
use super::groups::{Groups, Uniform};
use super::pace::Pace;
use super::rule::{MAX_MOMENTS, Rule};
use super::settings::Settings;
use super::{Optimizer, SettingError};
use crate::device::Device;
use crate::model::{Module, Parameters};
use crate::storage::Held;

/// The optimizer of a model of type `M` by the rule `R`: made by [`Settings::build`].
///
/// It holds the moments, each of the type of the model's gradient: what is frozen has none.
pub struct Descent<M: Module, R: Rule, G: Groups = Uniform> {
    pace: Pace<R, G>,
    moments: [Option<Held<M::Gradient>>; MAX_MOMENTS],
}

impl<M: Module, R: Rule, G: Groups> Descent<M, R, G> {
    /// Whether the model's numbers and those of the gradient lie in the same order without gaps and all have the same setting:
    /// then a step is one pass of a constant length.
    const FLAT: bool = {
        assert!(R::MOMENTS.len() <= MAX_MOMENTS, "a rule may keep at most 2 moments");
        G::UNIFORM && M::PARAMS == <M::Gradient as Parameters>::PARAMS
    };

    /// How many moments the rule keeps as it is set.
    pub(super) fn kept(settings: &Settings<R, G>) -> usize {
        settings.rule.keeps().min(R::MOMENTS.len())
    }

    pub(super) fn new(settings: Settings<R, G>, moments: [Option<Held<M::Gradient>>; MAX_MOMENTS]) -> Self {
        let pace = Pace {
            #[cfg(feature = "alloc")]
            groups: if Self::FLAT { Vec::new() } else { table::<M>(&settings.groups) },
            settings,
            steps: 0,
            norm: None,
            non_finite: None,
        };
        Descent { pace, moments }
    }

    /// What the optimizer is set to.
    pub fn rule(&self) -> &R {
        &self.pace.settings.rule
    }

    /// What the optimizer is set to, to be changed between steps: its momentum, say. A momentum that was 0 when the
    /// optimizer was made stays without effect, for it has no moment.
    pub fn rule_mut(&mut self) -> &mut R {
        &mut self.pace.settings.rule
    }

    /// Changes the settings of the rule, if the new ones make sense.
    ///
    /// # Errors
    /// The first that doesn't; then nothing has changed.
    pub fn try_set_rule(&mut self, rule: R) -> Result<(), SettingError> {
        rule.check()?;
        self.pace.settings.rule = rule;
        Ok(())
    }

    /// The gradient's norm in the last step, before it was clipped; `None` if it isn't clipped by norm.
    pub fn gradient_norm(&self) -> Option<f64> {
        self.pace.norm
    }

    /// The number because of which the last step was not taken, if steps are
    /// [skipped where a gradient isn't finite](Settings::skip_non_finite). `gradient` is the one that the step was given.
    #[cfg(feature = "alloc")]
    pub fn non_finite(&self, gradient: &M::Gradient) -> Option<NonFinite> {
        self.pace.non_finite.and_then(|place| name_of(gradient, place))
    }

    /// Whether the last step was not taken, because the gradient wasn't finite.
    pub fn skipped(&self) -> bool {
        self.pace.non_finite.is_some()
    }
}

impl<M: Module, R: Rule, G: Groups> Optimizer<M> for Descent<M, R, G> {
    #[inline(always)]
    fn step<D: Device>(&mut self, device: &mut D, model: &mut M, gradient: &mut M::Gradient) {
        let Descent { pace, moments: [first, second] } = self;
        let (model, moments) = (model.values_mut(), [all(first), all(second)]);
        if Self::FLAT {
            pace.step_flat(device, model, gradient.values_mut(), moments);
        } else {
            pace.step_in_runs(device, model, gradient.values_mut(), moments, M::describe);
        }
    }

    fn learning_rate(&self) -> f64 {
        self.pace.settings.rule.learning_rate()
    }

    fn set_learning_rate(&mut self, rate: f64) {
        self.pace.settings.rule.set_learning_rate(rate);
    }

    fn steps(&self) -> u64 {
        self.pace.steps
    }

    fn set_steps(&mut self, steps: u64) {
        self.pace.steps = steps;
    }

    fn name(&self) -> &'static str {
        R::NAME
    }

    fn moments<'a>(&'a self, see: &mut dyn FnMut(&'static str, &'a M::Gradient)) {
        for (name, moment) in R::MOMENTS.iter().zip(&self.moments) {
            if let Some(moment) = moment {
                see(name, moment);
            }
        }
    }

    fn moments_mut(&mut self, see: &mut dyn FnMut(&'static str, &mut M::Gradient)) {
        for (name, moment) in R::MOMENTS.iter().zip(&mut self.moments) {
            if let Some(moment) = moment {
                see(name, moment);
            }
        }
    }
}

/// All numbers of a moment; none of one that isn't kept.
#[inline(always)]
fn all<P: Parameters>(moment: &mut Option<Held<P>>) -> &mut [P::Element] {
    match moment {
        Some(moment) => moment.values_mut(),
        None => &mut [],
    }
}

//! An optimizer at work: settings, moments and the count of steps.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

#[cfg(feature = "alloc")]
use super::gradient::{NonFinite, name_of};
use super::gradient::{clip_coefficient, clip_value_on, norm_on};
#[cfg(feature = "alloc")]
use super::groups::{Group, table};
use super::groups::{GroupSetting, Groups, Uniform};
use super::rule::{MAX_MOMENTS, Numbers, Rule, StepFacts};
use super::settings::Settings;
use super::split::Change;
use super::{Optimizer, SettingError};
use crate::device::Device;
use crate::element::Float;
use crate::kernel::flat;
#[cfg(not(feature = "alloc"))]
use crate::model::for_each_parameter;
use crate::model::{Module, Parameters};
use crate::storage::Held;

/// The optimizer of a model of type `M` by the rule `R`: made by [`Settings::build`].
///
/// It holds the moments, each of the type of the model's gradient: what is frozen has none.
pub struct Descent<M: Module, R: Rule, G: Groups = Uniform> {
    settings: Settings<R, G>,
    moments: [Option<Held<M::Gradient>>; MAX_MOMENTS],
    #[cfg(feature = "alloc")]
    groups: Vec<Group>,
    steps: u64,
    norm: Option<f64>,
    non_finite: Option<usize>,
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
        Descent {
            moments,
            #[cfg(feature = "alloc")]
            groups: if Self::FLAT { Vec::new() } else { table::<M>(&settings.groups) },
            settings,
            steps: 0,
            norm: None,
            non_finite: None,
        }
    }

    /// What the optimizer is set to.
    pub fn rule(&self) -> &R {
        &self.settings.rule
    }

    /// What the optimizer is set to, to be changed between steps: its momentum, say. A momentum that was 0 when the
    /// optimizer was made stays without effect, for it has no moment.
    pub fn rule_mut(&mut self) -> &mut R {
        &mut self.settings.rule
    }

    /// Changes the settings of the rule, if the new ones make sense.
    ///
    /// # Errors
    /// The first that doesn't; then nothing has changed.
    pub fn try_set_rule(&mut self, rule: R) -> Result<(), SettingError> {
        rule.check()?;
        self.settings.rule = rule;
        Ok(())
    }

    /// The gradient's norm in the last step, before it was clipped; `None` if it isn't clipped by norm.
    pub fn gradient_norm(&self) -> Option<f64> {
        self.norm
    }

    /// The number because of which the last step was not taken, if steps are
    /// [skipped where a gradient isn't finite](Settings::skip_non_finite). `gradient` is the one that the step was given.
    #[cfg(feature = "alloc")]
    pub fn non_finite(&self, gradient: &M::Gradient) -> Option<NonFinite> {
        self.non_finite.and_then(|place| name_of(gradient, place))
    }

    /// Whether the last step was not taken, because the gradient wasn't finite.
    pub fn skipped(&self) -> bool {
        self.non_finite.is_some()
    }
}

impl<M: Module, R: Rule, G: Groups> Optimizer<M> for Descent<M, R, G> {
    #[inline(always)]
    fn step<D: Device>(&mut self, device: &mut D, model: &mut M, gradient: &mut M::Gradient) {
        if self.settings.skip_non_finite {
            let finite = flat::all_finite(gradient.values());
            self.non_finite = if finite { None } else { first_place(gradient.values()) };
            if !finite {
                return;
            }
        }
        if let Some(limit) = self.settings.clip_value {
            clip_value_on(device, gradient.values_mut(), limit);
        }
        let mut gradient_scale = 1.0;
        if let Some(limit) = self.settings.clip_norm {
            let norm = norm_on(device, gradient.values());
            self.norm = Some(norm);
            gradient_scale = clip_coefficient(norm, limit);
        }
        self.steps += 1;
        let step = self.steps;
        let rule = &self.settings.rule;
        let [first, second] = &mut self.moments;
        if Self::FLAT {
            let setting = GroupSetting::PLAIN;
            let update = rule.update::<M::Element>(&StepFacts { step, gradient_scale, setting });
            let (parameters, gradients) = (model.values_mut(), gradient.values());
            let numbers = Numbers { parameters, gradients, moments: [all(first), all(second)] };
            device.run(Change { update: &update, numbers });
        } else {
            #[cfg(feature = "alloc")]
            for Group { setting, runs } in &self.groups {
                let facts = StepFacts { step, gradient_scale, setting: *setting };
                let update = rule.update::<M::Element>(&facts);
                for run in runs {
                    let (numbers, range) = (run.numbers.clone(), run.gradients.clone());
                    let numbers = Numbers {
                        parameters: &mut model.values_mut()[numbers],
                        gradients: &gradient.values()[range.clone()],
                        moments: [part(first, range.clone()), part(second, range)],
                    };
                    device.run(Change { update: &update, numbers });
                }
            }
            // Without an allocator there is no list of runs: each tensor is one.
            #[cfg(not(feature = "alloc"))]
            for_each_parameter::<M>(|parameter| {
                let Some(range) = parameter.gradient_range() else { return };
                let setting = self.settings.groups.setting(parameter);
                let update = rule.update::<M::Element>(&StepFacts { step, gradient_scale, setting });
                let numbers = Numbers {
                    parameters: &mut model.values_mut()[parameter.range()],
                    gradients: &gradient.values()[range.clone()],
                    moments: [part(first, range.clone()), part(second, range)],
                };
                device.run(Change { update: &update, numbers });
            });
        }
    }

    fn learning_rate(&self) -> f64 {
        self.settings.rule.learning_rate()
    }

    fn set_learning_rate(&mut self, rate: f64) {
        self.settings.rule.set_learning_rate(rate);
    }

    fn steps(&self) -> u64 {
        self.steps
    }

    fn set_steps(&mut self, steps: u64) {
        self.steps = steps;
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

/// Some numbers of a moment; none of one that isn't kept.
#[inline(always)]
fn part<P: Parameters>(moment: &mut Option<Held<P>>, range: core::ops::Range<usize>) -> &mut [P::Element] {
    match moment {
        Some(moment) => &mut moment.values_mut()[range],
        None => &mut [],
    }
}

#[cold]
fn first_place<T: Float>(numbers: &[T]) -> Option<usize> {
    numbers.iter().position(|number| !number.is_finite())
}

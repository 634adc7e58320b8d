//! All of an optimizer but its moments: settings, what holds for each part of a model, the count of steps. A step is the same
//! for all models.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;
use core::ops::Range;

use super::gradient::Limited;
#[cfg(feature = "alloc")]
use super::groups::Group;
use super::groups::{GroupSetting, Groups};
use super::rule::{MAX_MOMENTS, Numbers, Rule, StepFacts};
use super::settings::Settings;
use super::split::Change;
use crate::device::Device;
use crate::element::Float;
#[cfg(not(feature = "alloc"))]
use crate::model::parameters::visit_each;
use crate::model::{Path, Walk};

/// What goes on from step to step.
pub(super) struct Pace<R, G> {
    pub(super) settings: Settings<R, G>,
    #[cfg(feature = "alloc")]
    pub(super) groups: Vec<Group>,
    pub(super) steps: u64,
    pub(super) norm: Option<f64>,
    pub(super) non_finite: Option<usize>,
}

impl<R: Rule, G: Groups> Pace<R, G> {
    /// Brings the gradient within its limits, and counts the step; what the gradient is to be multiplied by. None if no step is
    /// taken.
    #[inline(always)]
    fn begin<D: Device, T: Float>(&mut self, device: &D, gradients: &mut [T]) -> Option<f64> {
        let mut gradient_scale = 1.0;
        if !self.settings.limits.is_none() {
            let Limited { norm, scale, non_finite } = self.settings.limits.apply(device.threads(), gradients);
            self.norm = norm.or(self.norm);
            self.non_finite = non_finite;
            if non_finite.is_some() {
                return None;
            }
            gradient_scale = scale;
        }
        self.steps += 1;
        Some(gradient_scale)
    }

    /// A step in one pass of a constant length.
    #[inline(always)]
    pub(super) fn step_flat<D: Device, T: Float>(
        &mut self,
        device: &mut D,
        parameters: &mut [T],
        gradients: &mut [T],
        moments: [&mut [T]; MAX_MOMENTS],
    ) {
        let Some(gradient_scale) = self.begin(device, gradients) else { return };
        let facts = StepFacts { step: self.steps, gradient_scale, setting: GroupSetting::PLAIN };
        let update = self.settings.rule.update::<T>(&facts);
        device.run(Change { update: &update, numbers: Numbers { parameters, gradients, moments } });
    }

    /// A step in a pass for each run of one setting, or without an allocator for each tensor that `describe` shows.
    #[inline(always)]
    pub(super) fn step_in_runs<D: Device, T: Float>(
        &mut self,
        device: &mut D,
        model: &mut [T],
        gradient: &mut [T],
        [first, second]: [&mut [T]; MAX_MOMENTS],
        describe: fn(&Path<'_>, &mut Walk<'_>),
    ) {
        let Some(gradient_scale) = self.begin(device, gradient) else { return };
        let (step, rule) = (self.steps, &self.settings.rule);
        #[cfg(feature = "alloc")]
        let _ = describe;
        #[cfg(feature = "alloc")]
        for Group { setting, runs } in &self.groups {
            let update = rule.update::<T>(&StepFacts { step, gradient_scale, setting: *setting });
            for run in runs {
                let numbers = Numbers {
                    parameters: &mut model[run.numbers.clone()],
                    gradients: &gradient[run.gradients.clone()],
                    moments: [part(first, &run.gradients), part(second, &run.gradients)],
                };
                device.run(Change { update: &update, numbers });
            }
        }
        // Without an allocator there is no list of runs: each tensor is one.
        #[cfg(not(feature = "alloc"))]
        visit_each(describe, &mut |parameter| {
            let Some(range) = parameter.gradient_range() else { return };
            let setting = self.settings.groups.setting(parameter);
            let update = rule.update::<T>(&StepFacts { step, gradient_scale, setting });
            let numbers = Numbers {
                parameters: &mut model[parameter.range()],
                gradients: &gradient[range.clone()],
                moments: [part(first, &range), part(second, &range)],
            };
            device.run(Change { update: &update, numbers });
        });
    }
}

/// Some numbers of a moment; none of one that isn't kept.
#[inline(always)]
fn part<'a, T>(moment: &'a mut [T], range: &Range<usize>) -> &'a mut [T] {
    if moment.is_empty() { moment } else { &mut moment[range.clone()] }
}

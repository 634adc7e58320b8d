//! Settings that differ between the parameters of a model, decided once when the optimizer is made.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;
#[cfg(feature = "alloc")]
use core::ops::Range;

use crate::model::Parameter;
#[cfg(feature = "alloc")]
use crate::model::{Parameters, for_each_parameter};

/// What holds for the parameters of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupSetting {
    /// What the learning rate is multiplied by.
    pub rate_scale: f64,
    /// What the weight decay is multiplied by.
    pub decay_scale: f64,
}

impl GroupSetting {
    /// The optimizer's own settings.
    pub const PLAIN: GroupSetting = GroupSetting { rate_scale: 1.0, decay_scale: 1.0 };
    /// The same, without weight decay.
    pub const NO_DECAY: GroupSetting = GroupSetting { rate_scale: 1.0, decay_scale: 0.0 };
}

/// Which setting a parameter gets, by its name, shape and role. It is asked once a parameter, when the optimizer is made.
///
/// A closure will do:
/// ```
/// use nanotorch::model::Parameter;
/// use nanotorch::optimizer::{AdamW, GroupSetting};
/// use nanotorch::prelude::*;
/// # #[model(input = [4])]
/// # pub struct Net {
/// #     body: Linear<4, 16>,
/// #     head: Linear<16, 2>,
/// # }
/// let slow_body = |parameter: &Parameter<'_>| {
///     let rate_scale = if parameter.path.to_string().starts_with("body.") { 0.1 } else { 1.0 };
///     GroupSetting { rate_scale, decay_scale: 1.0 }
/// };
/// let optimizer = AdamW::new(1e-3).groups(slow_body).build::<Net>();
/// # let _ = optimizer;
/// ```
pub trait Groups {
    /// Whether all parameters have [`GroupSetting::PLAIN`], so that none is asked.
    const UNIFORM: bool = false;
    /// The setting of a parameter.
    fn setting(&self, parameter: &Parameter<'_>) -> GroupSetting;
}

impl<F: Fn(&Parameter<'_>) -> GroupSetting> Groups for F {
    fn setting(&self, parameter: &Parameter<'_>) -> GroupSetting {
        self(parameter)
    }
}

/// The same settings for all parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uniform;

impl Groups for Uniform {
    const UNIFORM: bool = true;
    fn setting(&self, _: &Parameter<'_>) -> GroupSetting {
        GroupSetting::PLAIN
    }
}

/// No weight decay on parameters with the name `bias`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoDecayOnBiases;

impl Groups for NoDecayOnBiases {
    fn setting(&self, parameter: &Parameter<'_>) -> GroupSetting {
        if parameter.path.ends_with("bias") { GroupSetting::NO_DECAY } else { GroupSetting::PLAIN }
    }
}

/// No weight decay on scalars and vectors: biases, and the scales and shifts of normalisations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoDecayOnVectors;

impl Groups for NoDecayOnVectors {
    fn setting(&self, parameter: &Parameter<'_>) -> GroupSetting {
        if parameter.dims.len() < 2 { GroupSetting::NO_DECAY } else { GroupSetting::PLAIN }
    }
}

/// Trained numbers of a model that lie side by side, in the model and in its gradient.
#[cfg(feature = "alloc")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// Where in the model.
    pub(super) numbers: Range<usize>,
    /// Where in the gradient.
    pub(super) gradients: Range<usize>,
}

/// The runs with one setting, in order.
#[cfg(feature = "alloc")]
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    pub(super) setting: GroupSetting,
    pub(super) runs: Vec<Run>,
}

/// The trained parameters of `P`, by setting; neighbours are joined, so that a step is as few passes as can be.
#[cfg(feature = "alloc")]
pub(super) fn table<P: Parameters>(groups: &impl Groups) -> Vec<Group> {
    let mut table: Vec<Group> = Vec::new();
    for_each_parameter::<P>(|parameter| {
        if parameter.gradient_range().is_some() && !parameter.is_empty() {
            enter(&mut table, parameter, groups.setting(parameter));
        }
    });
    table
}

/// Enters a trained parameter into the table, which is in order up to there.
#[cfg(feature = "alloc")]
fn enter(table: &mut Vec<Group>, parameter: &Parameter<'_>, setting: GroupSetting) {
    let Some(gradients) = parameter.gradient_range() else { return };
    let run = Run { numbers: parameter.range(), gradients };
    let Some(group) = table.iter_mut().find(|group| group.setting == setting) else {
        table.push(Group { setting, runs: alloc::vec![run] });
        return;
    };
    match group.runs.last_mut() {
        Some(last) if last.numbers.end == run.numbers.start && last.gradients.end == run.gradients.start => {
            last.numbers.end = run.numbers.end;
            last.gradients.end = run.gradients.end;
        }
        _ => group.runs.push(run),
    }
}

//! What is wrong with a target or with a loss's settings.

use core::fmt;

use crate::element::Float;

/// A target that a loss can't use, or a setting that makes no sense.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LossError {
    /// A class index isn't below the number of classes.
    ClassOutOfRange {
        /// Where among the targets.
        index: usize,
        /// The class.
        class: usize,
        /// How many classes the prediction has.
        classes: usize,
    },
    /// A number isn't one of those that the loss is defined for.
    TargetOutOfRange {
        /// Where among the targets.
        index: usize,
        /// The number.
        target: f64,
        /// What is allowed, as "from 0 to 1".
        allowed: &'static str,
    },
    /// A setting of the loss itself makes no sense.
    Setting {
        /// Which one.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What is allowed.
        allowed: &'static str,
    },
}

impl fmt::Display for LossError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A trait object: what writes a sentence is called for each of them, not compiled into each.
        let formatter: &mut dyn fmt::Write = formatter;
        match *self {
            LossError::ClassOutOfRange { index, class, classes } => write!(
                formatter,
                "target {index} is class {class}, but the prediction has {classes} classes, 0 to {}",
                classes.saturating_sub(1)
            ),
            LossError::TargetOutOfRange { index, target, allowed } => {
                write!(formatter, "target {index} is {target}, but this loss takes targets {allowed}")
            }
            LossError::Setting { name, value, allowed } => {
                write!(formatter, "the loss's `{name}` is {value}; it must be {allowed}")
            }
        }
    }
}

impl core::error::Error for LossError {}

/// What probabilities are allowed to be.
pub(super) const PROBABILITIES: &str = "from 0 to 1";

#[inline(always)]
pub(super) fn is_probability<T: Float>(number: T) -> bool {
    (number >= T::ZERO) & (number <= T::ONE)
}

/// Every target is one of those that `accepts` takes; `allowed` says which those are.
///
/// Targets are nearly always right, so all are looked at without a branch, and the wrong one is searched for only if there is one.
#[inline(always)]
pub(super) fn check_targets<T: Float>(
    targets: &[T],
    allowed: &'static str,
    accepts: impl Fn(T) -> bool,
) -> Result<(), LossError> {
    if targets.iter().fold(true, |right, &target| right & accepts(target)) {
        return Ok(());
    }
    let wrong = targets.iter().enumerate().find(|&(_, &target)| !accepts(target));
    wrong.map_or(Ok(()), |(index, &target)| {
        Err(LossError::TargetOutOfRange { index, target: target.to_f64(), allowed })
    })
}

/// Every target is below the number of classes.
#[inline(always)]
pub(super) fn check_classes(targets: &[u32], classes: usize) -> Result<(), LossError> {
    let mut right = true;
    for &class in targets {
        right &= (class as usize) < classes;
    }
    if right { Ok(()) } else { wrong_class(targets, classes) }
}

#[cold]
fn wrong_class(targets: &[u32], classes: usize) -> Result<(), LossError> {
    let wrong = targets.iter().enumerate().find(|&(_, &class)| class as usize >= classes);
    wrong.map_or(Ok(()), |(index, &class)| {
        Err(LossError::ClassOutOfRange { index, class: class as usize, classes })
    })
}

/// A setting is one of those that make sense.
#[inline(always)]
pub(super) fn check_setting(
    name: &'static str,
    value: f64,
    allowed: &'static str,
    makes_sense: bool,
) -> Result<(), LossError> {
    if makes_sense { Ok(()) } else { Err(LossError::Setting { name, value, allowed }) }
}

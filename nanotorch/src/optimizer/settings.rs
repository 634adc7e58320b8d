//! What an optimizer is set to.

use core::fmt;

use super::Descent;
use super::gradient::Limits;
use super::groups::{Groups, Uniform};
use super::rule::Rule;
use crate::model::Module;
#[cfg(feature = "alloc")]
use crate::model::Parameters;
use crate::storage::Held;

/// A rule and what every optimizer has beside it: groups of parameters, clipping, the treatment of infinite gradients.
///
/// One writes it as [`Sgd`](super::Sgd), [`Adam`](super::Adam), [`AdamW`](super::AdamW) or [`RmsProp`](super::RmsProp). It is a
/// plain value: options are given in any order, and [`build`](Settings::build) makes an optimizer of a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings<R, G = Uniform> {
    pub(super) rule: R,
    pub(super) groups: G,
    pub(super) limits: Limits,
}

impl<R> Settings<R> {
    /// The settings of a rule, the same for all parameters.
    pub const fn of(rule: R) -> Self {
        Settings { rule, groups: Uniform, limits: Limits::NONE }
    }
}

impl<R, G> Settings<R, G> {
    /// Settings that differ between parameters: no decay on biases, say.
    pub fn groups<H: Groups>(self, groups: H) -> Settings<R, H> {
        let Settings { rule, limits, .. } = self;
        Settings { rule, groups, limits }
    }

    /// Before each step, makes the gradient's norm at most `limit`, as [`clip_norm`](super::clip_norm) does; it costs no pass
    /// that writes. If gradients are clipped by value too, that comes first.
    pub const fn clip_norm(mut self, limit: f64) -> Self {
        self.limits.norm = Some(limit);
        self
    }

    /// Before each step, brings each number of the gradient into `-limit..=limit`, as [`clip_value`](super::clip_value) does.
    pub const fn clip_value(mut self, limit: f64) -> Self {
        self.limits.value = Some(limit);
        self
    }

    /// Takes no step where the gradient has a number that is infinite or NaN: model, moments and count of steps stay as they
    /// are, and [`Descent::non_finite`](super::Descent::non_finite) says which number it was.
    pub const fn skip_non_finite(mut self) -> Self {
        self.limits.skip_non_finite = true;
        self
    }
}

impl<R: Rule, G: Groups> Settings<R, G> {
    /// The same settings, if they make sense: for those that come from a user or a file.
    ///
    /// ```
    /// use nanotorch::optimizer::Adam;
    /// let error = Adam::new(1e-3).betas(0.9, 1.5).check().unwrap_err();
    /// assert_eq!(error.to_string(), "the optimizer's `beta2` is 1.5; it must be from 0 to below 1");
    /// ```
    /// # Errors
    /// The first setting that makes none, and what is allowed. Without this check, a step computes what its formula says.
    pub fn check(self) -> Result<Self, SettingError> {
        match self.rule.check().and_then(|()| self.limits.check()) {
            Ok(()) => Ok(self),
            Err(error) => Err(error),
        }
    }

    /// An optimizer of models of the type `M`, with its moments at 0.
    #[cfg(feature = "alloc")]
    pub fn build<M: Module>(self) -> Descent<M, R, G> {
        let kept = Descent::<M, R, G>::kept(&self);
        let moment =
            |moment: usize| if moment < kept { Some(Held::Heap(Parameters::zeroed())) } else { None };
        Descent::new(self, [moment(0), moment(1)])
    }

    /// As [`build`](Settings::build), with the moments in static memory, which must hold zeros to begin with. A rule that keeps
    /// fewer leaves the others alone.
    ///
    /// # Errors
    /// There are fewer places than the rule keeps moments.
    pub fn build_static<M: Module, const PLACES: usize>(
        self,
        places: [&'static mut M::Gradient; PLACES],
    ) -> Result<Descent<M, R, G>, SettingError> {
        let kept = Descent::<M, R, G>::kept(&self);
        SettingError::unless(
            PLACES >= kept,
            "number of places for moments",
            PLACES as f64,
            "as many as the rule keeps: 2 for Adam, 1 for SGD with momentum, else none",
        )?;
        let mut places = places.into_iter();
        let mut moment = |moment: usize| if moment < kept { places.next().map(Held::Static) } else { None };
        Ok(Descent::new(self, [moment(0), moment(1)]))
    }
}

/// A setting that makes no sense.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SettingError {
    /// Which one.
    pub name: &'static str,
    /// What it is.
    pub value: f64,
    /// What is allowed.
    pub allowed: &'static str,
}

impl SettingError {
    /// An error unless the setting is right.
    pub(super) fn unless(
        right: bool,
        name: &'static str,
        value: f64,
        allowed: &'static str,
    ) -> Result<(), Self> {
        if right { Ok(()) } else { Err(Self { name, value, allowed }) }
    }

    /// An error unless the setting is a limit, or there is none.
    pub(super) fn unless_limit(name: &'static str, limit: Option<f64>) -> Result<(), Self> {
        match limit {
            Some(limit) => Self::unless(limit > 0.0, name, limit, "above 0"),
            None => Ok(()),
        }
    }

    /// An error unless the setting is a number from 0 on.
    pub(super) fn unless_positive(name: &'static str, value: f64) -> Result<(), Self> {
        Self::unless(value >= 0.0 && value.is_finite(), name, value, "finite and at least 0")
    }

    /// An error unless the setting is a part that is kept.
    pub(super) fn unless_part(name: &'static str, value: f64) -> Result<(), Self> {
        Self::unless((0.0..1.0).contains(&value), name, value, "from 0 to below 1")
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value, allowed } = self;
        write!(formatter, "the optimizer's `{name}` is {value}; it must be {allowed}")
    }
}

impl core::error::Error for SettingError {}

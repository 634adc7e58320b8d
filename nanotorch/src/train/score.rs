//! Numbers that say how good a model is.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

/// One number with its name, such as `accuracy 98.1 %`.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Its name.
    pub name: Cow<'static, str>,
    /// The number.
    pub value: f64,
    /// What kind of number it is.
    pub scale: Scale,
}

/// What a score's number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// A fraction of 1 of which more is better; shown in percent.
    Fraction,
    /// A number of which more is better.
    Gain,
    /// A number of which less is better.
    Error,
}

impl Score {
    /// A fraction of 1 of which more is better.
    pub fn fraction(name: impl Into<Cow<'static, str>>, value: f64) -> Score {
        Score { name: name.into(), value, scale: Scale::Fraction }
    }

    /// A number of which more is better.
    pub fn gain(name: impl Into<Cow<'static, str>>, value: f64) -> Score {
        Score { name: name.into(), value, scale: Scale::Gain }
    }

    /// A number of which less is better.
    pub fn error(name: impl Into<Cow<'static, str>>, value: f64) -> Score {
        Score { name: name.into(), value, scale: Scale::Error }
    }

    /// Whether this score is better than `other` by more than `least`. Every number is better than NaN.
    pub fn is_better(&self, other: f64, least: f64) -> bool {
        let gain = if self.scale == Scale::Error { other - self.value } else { self.value - other };
        gain > least || (other.is_nan() && !self.value.is_nan())
    }
}

impl fmt::Display for Score {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, value) = (&self.name, self.value);
        let out: &mut dyn fmt::Write = formatter;
        match self.scale {
            Scale::Fraction => write!(out, "{name} {:.1} %", 100.0 * value),
            _ if value != 0.0 && value.abs() < 1e-3 => write!(out, "{name} {value:.2e}"),
            _ => write!(out, "{name} {value:.4}"),
        }
    }
}

/// A model's mean loss on some samples, and what else was measured there.
///
/// ```
/// use nanotorch::train::{Evaluation, Score};
/// let evaluation = Evaluation { loss: 0.25, scores: vec![Score::fraction("accuracy", 0.981)] };
/// assert_eq!(evaluation.to_string(), "loss 0.2500, accuracy 98.1 %");
/// assert_eq!(evaluation.get("accuracy"), Some(0.981));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The mean of the batches' losses, each weighted by its number of samples.
    pub loss: f64,
    /// The metrics' scores.
    pub scores: Vec<Score>,
}

impl Evaluation {
    /// The value of the score `name`; `loss` is one of them.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.score(name).map(|score| score.value)
    }

    /// The score `name`; `loss` is one of them.
    pub fn score(&self, name: &str) -> Option<Score> {
        self.all().find(|score| score.name == name)
    }

    /// The loss, then the other scores.
    pub fn all(&self) -> impl Iterator<Item = Score> + '_ {
        (0..self.scores.len() + 1).map(|index| self.at(index))
    }

    fn at(&self, index: usize) -> Score {
        if index == 0 { Score::error("loss", self.loss) } else { self.scores[index - 1].clone() }
    }
}

impl fmt::Display for Evaluation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, score) in self.all().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(formatter, "{comma}{score}")?;
        }
        Ok(())
    }
}

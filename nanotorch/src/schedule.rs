//! Learning rates over time: small values that say the rate of each step.
//!
//! A schedule has no state: the rate depends on the number of the step alone, so that training can be resumed anywhere.
//!
//! ```
//! use nanotorch::optimizer::{Adam, Optimizer};
//! use nanotorch::prelude::*;
//! use nanotorch::schedule::{Cosine, Schedule};
//! # #[model(input = [2])]
//! # pub struct Line {
//! #     fc: Linear<2, 1>,
//! # }
//! let schedule = Cosine::new(1e-3, 1000).warm_up(100);
//! let mut optimizer = Adam::new(schedule.rate(0)).build::<Line>();
//! // Before each step:
//! optimizer.set_learning_rate(schedule.rate(optimizer.steps()));
//! ```

use core::f64::consts::PI;

/// The learning rate of each step, the first being step 0.
///
/// A closure will do: `|step: u64| 0.1 / (1.0 + step as f64)`.
pub trait Schedule {
    /// The learning rate that step number `step` uses, from 0 on.
    fn rate(&self, step: u64) -> f64;
}

impl<F: Fn(u64) -> f64> Schedule for F {
    fn rate(&self, step: u64) -> f64 {
        self(step)
    }
}

/// `rate`, always.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constant(pub f64);

impl Schedule for Constant {
    fn rate(&self, _: u64) -> f64 {
        self.0
    }
}

/// `rate * factor^⌊t / every⌋`: the rate falls by a factor (a tenth) after each `every` steps.
///
/// ```
/// use nanotorch::schedule::{Schedule, Step};
/// let schedule = Step::new(0.1, 30).factor(0.5);
/// assert_eq!((schedule.rate(29), schedule.rate(30)), (0.1, 0.05));
/// ```
/// Source: PyTorch's `lr_scheduler.StepLR`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    rate: f64,
    every: u64,
    factor: f64,
}

impl Step {
    /// From `rate` on, a tenth after each `every` steps; 0 steps stand for 1.
    pub const fn new(rate: f64, every: u64) -> Self {
        Step { rate, every: if every == 0 { 1 } else { every }, factor: 0.1 }
    }

    /// What the rate is multiplied by.
    pub const fn factor(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }
}

impl Schedule for Step {
    fn rate(&self, step: u64) -> f64 {
        self.rate * libm::pow(self.factor, (step / self.every) as f64)
    }
}

/// `floor + (peak - floor) (1 + cos(π (t - w) / (T - w))) / 2`: from the peak down to the floor (0) in `T` steps, of which the
/// first `w` (none) warm up: `peak (t + 1) / w`. Afterwards it stays at the floor.
///
/// ```
/// use nanotorch::schedule::{Cosine, Schedule};
/// let schedule = Cosine::new(0.1, 110).warm_up(10).floor(0.01);
/// assert_eq!((schedule.rate(0), schedule.rate(9), schedule.rate(10)), (0.01, 0.1, 0.1));
/// assert_eq!((schedule.rate(110), schedule.rate(1000)), (0.01, 0.01));
/// ```
/// Source: I. Loshchilov and F. Hutter, SGDR, 2016; PyTorch's `lr_scheduler.CosineAnnealingLR` (which rises again after `T` steps).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cosine {
    peak: f64,
    floor: f64,
    steps: u64,
    warm_up: u64,
}

impl Cosine {
    /// From `peak` to 0 in `steps` steps.
    pub const fn new(peak: f64, steps: u64) -> Self {
        Cosine { peak, floor: 0.0, steps, warm_up: 0 }
    }

    /// The rate in the end.
    pub const fn floor(mut self, floor: f64) -> Self {
        self.floor = floor;
        self
    }

    /// How many of the steps the rate rises in, evenly.
    pub const fn warm_up(mut self, steps: u64) -> Self {
        self.warm_up = steps;
        self
    }
}

impl Schedule for Cosine {
    fn rate(&self, step: u64) -> f64 {
        if step < self.warm_up {
            return self.peak * (step + 1) as f64 / self.warm_up as f64;
        }
        if step >= self.steps {
            return self.floor;
        }
        let part = (step - self.warm_up) as f64 / (self.steps - self.warm_up) as f64;
        between(self.peak, self.floor, part)
    }
}

/// Up from `peak / 25` to `peak` in the first 30 % of the steps, then down to `peak / 250000`, both along half a cosine.
///
/// The momentum (β1 of Adam) goes the other way, from 0.95 to 0.85 and back: see [`OneCycle::momentum`].
///
/// ```
/// use nanotorch::optimizer::{Optimizer, Sgd};
/// use nanotorch::prelude::*;
/// use nanotorch::schedule::{OneCycle, Schedule};
/// # #[model(input = [2])]
/// # pub struct Line {
/// #     fc: Linear<2, 1>,
/// # }
/// let schedule = OneCycle::new(0.1, 1000);
/// let mut optimizer = Sgd::new(0.1).momentum(0.95).build::<Line>();
/// // Before each step:
/// optimizer.set_learning_rate(schedule.rate(optimizer.steps()));
/// optimizer.rule_mut().momentum = schedule.momentum(optimizer.steps());
/// ```
/// Source: L. Smith and N. Topin, Super-convergence, 2017; PyTorch's `lr_scheduler.OneCycleLR`, two phases, cosine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycle {
    peak: f64,
    steps: u64,
    rising: f64,
    start_divisor: f64,
    end_divisor: f64,
    lowest_momentum: f64,
    highest_momentum: f64,
}

impl OneCycle {
    /// A cycle of `steps` steps up to `peak` and down.
    pub const fn new(peak: f64, steps: u64) -> Self {
        OneCycle {
            peak,
            steps,
            rising: 0.3,
            start_divisor: 25.0,
            end_divisor: 1e4,
            lowest_momentum: 0.85,
            highest_momentum: 0.95,
        }
    }

    /// The part of the steps in which the rate rises: PyTorch's `pct_start`.
    pub const fn rising(mut self, part: f64) -> Self {
        self.rising = part;
        self
    }

    /// The first rate is `peak / start`, the last one `peak / start / end`: PyTorch's `div_factor` and `final_div_factor`.
    pub const fn divisors(mut self, start: f64, end: f64) -> Self {
        self.start_divisor = start;
        self.end_divisor = end;
        self
    }

    /// Between what the momentum moves: PyTorch's `base_momentum` and `max_momentum`.
    pub const fn momenta(mut self, lowest: f64, highest: f64) -> Self {
        self.lowest_momentum = lowest;
        self.highest_momentum = highest;
        self
    }

    /// The momentum (or β1) that step number `step` uses.
    pub fn momentum(&self, step: u64) -> f64 {
        self.along(step, self.highest_momentum, self.lowest_momentum, self.highest_momentum)
    }

    /// From `start` over `middle` to `end`.
    fn along(&self, step: u64, start: f64, middle: f64, end: f64) -> f64 {
        let last = self.steps.saturating_sub(1) as f64;
        let turn = (self.rising * self.steps as f64 - 1.0).min(last);
        let step = (step as f64).min(last);
        if step <= turn {
            between(start, middle, if turn > 0.0 { step / turn } else { 1.0 })
        } else {
            between(middle, end, (step - turn) / (last - turn))
        }
    }
}

impl Schedule for OneCycle {
    fn rate(&self, step: u64) -> f64 {
        let start = self.peak / self.start_divisor;
        self.along(step, start, self.peak, start / self.end_divisor)
    }
}

/// From `start` to `end` along half a cosine, as `part` goes from 0 to 1.
fn between(start: f64, end: f64, part: f64) -> f64 {
    end + (start - end) / 2.0 * (1.0 + libm::cos(PI * part))
}

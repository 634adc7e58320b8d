//! The functions to about 95 bits, by series, in numbers that are the sum of two.
//!
//! T. J. Dekker, A floating-point technique for extending the available precision, 1971.

use core::ops::{Add, Div, Mul, Neg, Sub};

/// `high + low`, where `low` is at most half a last place of `high`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Double {
    pub(crate) high: f64,
    pub(crate) low: f64,
}

const LN_2: Double = Double { high: core::f64::consts::LN_2, low: 2.3190468138462996e-17 };
const PI: Double = Double { high: core::f64::consts::PI, low: 1.2246467991473532e-16 };

/// The exact sum.
fn two_sum(a: f64, b: f64) -> Double {
    let high = a + b;
    let rest = high - a;
    Double { high, low: (a - (high - rest)) + (b - rest) }
}

impl From<f64> for Double {
    fn from(high: f64) -> Self {
        Double { high, low: 0.0 }
    }
}
impl Neg for Double {
    type Output = Self;
    fn neg(self) -> Self {
        Double { high: -self.high, low: -self.low }
    }
}
impl Add for Double {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let (high, low) = (two_sum(self.high, other.high), two_sum(self.low, other.low));
        let sum = two_sum(high.high, high.low + low.high);
        two_sum(sum.high, sum.low + low.low)
    }
}
impl Sub for Double {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}
impl Mul for Double {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let high = self.high * other.high;
        let error = self.high.mul_add(other.high, -high);
        two_sum(high, error + self.high.mul_add(other.low, self.low * other.high))
    }
}
impl Div for Double {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        // Digit after digit, each a double-precision number.
        let mut quotient = Double::from(0.0);
        let mut rest = self;
        for _ in 0..3 {
            let digit = Double::from(rest.high / other.high);
            rest = rest - digit * other;
            quotient = quotient + digit;
        }
        quotient
    }
}

impl Double {
    fn times_power_of_two(self, n: i32) -> Self {
        Double { high: libm::scalbn(self.high, n), low: libm::scalbn(self.low, n) }
    }

    fn sqrt(self) -> Self {
        let root = Double::from(self.high.sqrt());
        (root + self / root).times_power_of_two(-1)
    }

    /// `exp(self) - 1` for |self| up to 1.
    fn expm1_near_0(self) -> Self {
        // By a series for the 256th part; then (1 + e)² - 1 = 2 e + e² eight times.
        let part = self.times_power_of_two(-8);
        let mut sum = Double::from(0.0);
        for n in (1..=14).rev() {
            sum = (Double::from(1.0) + sum) * part / Double::from(f64::from(n));
        }
        (0..8).fold(sum, |e, _| e.times_power_of_two(1) + e * e)
    }

    fn exp(self) -> Self {
        let n = (self.high / core::f64::consts::LN_2).round();
        let rest = self - LN_2 * Double::from(n);
        (Double::from(1.0) + rest.expm1_near_0()).times_power_of_two(n as i32)
    }

    fn expm1(self) -> Self {
        if self.high.abs() < 0.7 { self.expm1_near_0() } else { self.exp() - Double::from(1.0) }
    }

    /// `log(1 + self)`, by Newton's method.
    fn log1p(self) -> Self {
        let mut log = Double::from(self.high.ln_1p());
        for _ in 0..2 {
            // y - (exp(y) - 1 - x) / exp(y)
            let e = log.expm1();
            log = log - (e - self) / (e + Double::from(1.0));
        }
        log
    }
}

pub(super) fn exp(x: f64) -> Double {
    Double::from(x).exp()
}

pub(super) fn exp2(x: f64) -> Double {
    // The exponential of what is left of a whole number.
    let rest = LN_2 * Double::from(x - x.round());
    rest.exp().times_power_of_two(x.round() as i32)
}

pub(super) fn expm1(x: f64) -> Double {
    Double::from(x).expm1()
}

pub(super) fn log(x: f64) -> Double {
    let exponent = libm::ilogb(x * core::f64::consts::FRAC_1_SQRT_2) + 1;
    let significand = libm::scalbn(x, -exponent);
    Double::from(significand - 1.0).log1p() + LN_2 * Double::from(f64::from(exponent))
}

pub(super) fn log2(x: f64) -> Double {
    log(x) / LN_2
}

pub(super) fn log1p(x: f64) -> Double {
    if x.abs() < 0.5 {
        return Double::from(x).log1p();
    }
    // 1 + x, exactly, as a number and what rounding took from it.
    let sum = two_sum(1.0, x);
    log(sum.high) + (Double::from(sum.low) / Double::from(sum.high)).log1p()
}

pub(super) fn tanh(x: f64) -> Double {
    let e = Double::from(2.0 * x.abs()).expm1();
    let value = e / (e + Double::from(2.0));
    if x < 0.0 { -value } else { value }
}

fn sigmoid_of(x: Double) -> Double {
    let one = Double::from(1.0);
    // The exponential that doesn't overflow.
    if x.high < 0.0 { x.exp() / (one + x.exp()) } else { one / (one + (-x).exp()) }
}

pub(super) fn sigmoid(x: f64) -> Double {
    sigmoid_of(Double::from(x))
}

pub(super) fn silu(x: f64) -> Double {
    Double::from(x) * sigmoid(x)
}

pub(super) fn softplus(x: f64) -> Double {
    Double::from(x.max(0.0)) + Double::from(-x.abs()).exp().log1p()
}

/// `exp(-a²/2) / sqrt(2 π)`, given `a²`.
fn density(square: Double) -> Double {
    (-square.times_power_of_two(-1)).exp() / PI.times_power_of_two(1).sqrt()
}

/// `(Φ(a) - 1/2) / a` by its series of positive terms, given `a²`: φ(a) (1 + a²/3 + a⁴/15 + ..).
fn central(square: Double) -> Double {
    let (mut term, mut sum) = (Double::from(1.0), Double::from(1.0));
    for n in 1..200 {
        term = term * square / Double::from(f64::from(2 * n + 1));
        sum = sum + term;
    }
    sum * density(square)
}

/// Φ(-a) for `a` from 3 on, by Laplace's continued fraction, given `a²`.
fn tail(a: Double, square: Double) -> Double {
    let fraction = (1..400).rev().fold(a, |below, n| a + Double::from(f64::from(n)) / below);
    density(square) / fraction
}

pub(super) fn erf(x: f64) -> Double {
    // a = sqrt(2) x.
    let square = (Double::from(x) * Double::from(x)).times_power_of_two(1);
    let root = Double::from(2.0).sqrt();
    (central(square) * root * Double::from(x)).times_power_of_two(1)
}

pub(super) fn gelu(x: f64) -> Double {
    let (x, square) = (Double::from(x), Double::from(x) * Double::from(x));
    let half = Double::from(0.5);
    let below = if x.high < -3.0 { tail(-x, square) } else { half + central(square) * x };
    let below = if x.high > 3.0 { Double::from(1.0) - tail(x, square) } else { below };
    x * below
}

pub(super) fn gelu_tanh(x: f64) -> Double {
    let x = Double::from(x);
    let slope = (Double::from(8.0) / PI).sqrt();
    // 0.044715, as double precision has it and what that leaves out.
    let cubic = Double::from(44_715.0) / Double::from(1e6);
    x * sigmoid_of(slope * (x + cubic * x * x * x))
}

/// `x^y`, of positive `x`.
pub(super) fn power(x: f64, y: f64) -> Double {
    let power = Double::from(y) * log2(x);
    let whole = power.high.round();
    let rest = (power - Double::from(whole)) * LN_2;
    rest.exp().times_power_of_two(whole as i32)
}

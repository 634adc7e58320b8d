//! The exact values for single-precision numbers, in double precision.

/// `1 / (1 + exp(-x))`.
pub(super) fn sigmoid(x: f64) -> f64 {
    if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) }
}

/// `x * gate`, and its limit where x is minus infinity.
fn gated(x: f64, gate: f64) -> f64 {
    if x == f64::NEG_INFINITY { -0.0 } else { x * gate }
}

pub(super) fn silu(x: f64) -> f64 {
    gated(x, sigmoid(x))
}

pub(super) fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p() + if x.is_nan() { x } else { 0.0 }
}

pub(super) fn gelu(x: f64) -> f64 {
    gated(x, 0.5 * libm::erfc(-x * core::f64::consts::FRAC_1_SQRT_2))
}

pub(super) fn gelu_tanh(x: f64) -> f64 {
    let slope = (8.0 / core::f64::consts::PI).sqrt();
    gated(x, sigmoid(slope * (x + 0.044715 * x * x * x)))
}

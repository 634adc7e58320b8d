//! One step of an optimizer over flat slices: parameters, gradients and moments are read once and written once.
//!
//! The formulas are those of PyTorch's `torch.optim`. What is the same for all numbers of a step (learning rate, bias
//! corrections) is computed once, in double precision, when the step is described.

use super::compiled::compiled;
use super::span::{Span, for_each_span};
use crate::element::Float;
use crate::simd::{Simd, Vector, VectorOf, WithSimd};

/// The steps of one register after the other; all slices are as long as the parameters.
/// # Panics
/// The lengths differ.
#[inline(always)]
fn each<S: Simd, T: Float, const SLICES: usize>(lengths: [usize; SLICES], step: impl FnMut(Span)) {
    assert!(lengths == [lengths[0]; SLICES], "slices of unequal lengths: {lengths:?}");
    for_each_span::<VectorOf<S, T>, 1>(lengths[0], step);
}

/// The length of the velocities, which is that of the parameters where there are none.
#[inline(always)]
fn length_of<T>(velocities: &Option<&mut [T]>, parameters: &[T]) -> usize {
    velocities.as_ref().map_or(parameters.len(), |velocities| velocities.len())
}

/// A moment, or 0 where it is so small that it moves no parameter.
///
/// Where gradients stay 0 (a pixel that is always black), a moment shrinks step by step until it is subnormal, and there it
/// stays, for its share rounds to nothing. Arithmetic with such numbers traps into microcode: on MNIST it took most of a step.
/// NaN stays NaN.
#[inline(always)]
fn settled<S: Simd, T: Float>(simd: S, moment: VectorOf<S, T>, least: T) -> VectorOf<S, T> {
    let small = moment.abs().lt(VectorOf::<S, T>::splat(simd, least));
    VectorOf::<S, T>::select(small, VectorOf::<S, T>::zero(simd), moment)
}

/// Below this a mean of gradients is 0: as far above subnormal numbers as a number has digits, so that its product with a
/// learning rate is none either.
#[inline(always)]
fn least_mean<T: Float>() -> T {
    T::MIN_POSITIVE / T::EPSILON
}

/// A step of stochastic gradient descent, PyTorch's `SGD` with dampening 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd {
    /// What the gradients are multiplied by first: 1, or less where they are clipped or averaged.
    pub gradient_scale: f64,
    /// The step, as a part of the gradient.
    pub learning_rate: f64,
    /// The part of the last velocity that is kept.
    pub momentum: f64,
    /// Added to the gradient, times the parameter.
    pub weight_decay: f64,
    /// Whether the gradient is taken a step of the velocity ahead.
    pub nesterov: bool,
}

impl Sgd {
    /// `p -= learning_rate (g + weight_decay p)`.
    /// # Panics
    /// The lengths differ.
    #[inline(always)]
    pub fn step<S: Simd, T: Float>(&self, simd: S, parameters: &mut [T], gradients: &[T]) {
        SgdStep { rule: *self, parameters, gradients, velocities: None }.call(simd);
    }

    /// `d = g + weight_decay p`, `v = momentum v + d`, `p -= learning_rate v`, or with Nesterov's momentum
    /// `p -= learning_rate (d + momentum v)`. Before the first step `v` is 0.
    /// # Panics
    /// The lengths differ.
    #[inline(always)]
    pub fn step_with_momentum<S: Simd, T: Float>(
        &self,
        simd: S,
        parameters: &mut [T],
        gradients: &[T],
        velocities: &mut [T],
    ) {
        SgdStep { rule: *self, parameters, gradients, velocities: Some(velocities) }.call(simd);
    }
}

/// A step of [`Sgd`], with velocities or without.
struct SgdStep<'a, T> {
    rule: Sgd,
    parameters: &'a mut [T],
    gradients: &'a [T],
    velocities: Option<&'a mut [T]>,
}

compiled!(SgdStep, "prebuilt");

impl<T: Float> WithSimd for SgdStep<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let SgdStep { rule, parameters, gradients, mut velocities } = self;
        let splat = |number| VectorOf::<S, T>::splat(simd, T::from_f64(number));
        let (scale, decay, rate) =
            (splat(rule.gradient_scale), splat(rule.weight_decay), splat(rule.learning_rate));
        let momentum = splat(rule.momentum);
        // With velocities, both kinds are `p -= rate (ahead d + along v)`.
        let (ahead, along) =
            if rule.nesterov { (rate, rate * momentum) } else { (VectorOf::<S, T>::zero(simd), rate) };
        each::<S, T, 3>(
            [parameters.len(), gradients.len(), length_of(&velocities, parameters)],
            #[inline(always)]
            |span| {
                // SAFETY: spans lie within the common length.
                unsafe {
                    let p = span.load::<VectorOf<S, T>>(simd, parameters);
                    let d = decay.mul_add(p, span.load::<VectorOf<S, T>>(simd, gradients) * scale);
                    let p = match &mut velocities {
                        None => rate.neg_mul_add(d, p),
                        Some(velocities) => {
                            let v = momentum.mul_add(span.load(simd, velocities), d);
                            let v = settled::<S, T>(simd, v, least_mean());
                            span.store(v, velocities);
                            ahead.neg_mul_add(d, along.neg_mul_add(v, p))
                        }
                    };
                    span.store(p, parameters);
                }
            },
        );
    }
}

/// What Adam is set to; the defaults are PyTorch's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamSettings {
    /// The step where gradients have a constant size.
    pub learning_rate: f64,
    /// The part of the mean gradient that is kept.
    pub beta1: f64,
    /// The part of the mean squared gradient that is kept.
    pub beta2: f64,
    /// Added to the root of the mean squared gradient.
    pub epsilon: f64,
    /// How strongly parameters are pulled to 0.
    pub weight_decay: f64,
    /// Whether the decay shrinks the parameter itself (AdamW), rather than being part of the gradient (Adam).
    pub decoupled: bool,
}

impl Default for AdamSettings {
    fn default() -> Self {
        Self {
            learning_rate: 1e-3,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.0,
            decoupled: false,
        }
    }
}

/// A step of Adam or AdamW (D. Kingma and J. Ba, Adam: a method for stochastic optimization, 2014; I. Loshchilov and F. Hutter,
/// Decoupled weight decay regularization, 2017), as PyTorch computes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam<T> {
    gradient_scale: T,
    weight_decay: T,
    keep: T,
    first_share: T,
    second_keep: T,
    second_share: T,
    correction: T,
    epsilon: T,
    step_size: T,
}

impl<T: Float> Adam<T> {
    /// The step number `step`, counted from 1, with gradients that are multiplied by `gradient_scale` first.
    pub fn new(settings: &AdamSettings, step: u64, gradient_scale: f64) -> Self {
        let AdamSettings { learning_rate, beta1, beta2, epsilon, weight_decay, decoupled } = *settings;
        let first_correction = 1.0 - libm::pow(beta1, step as f64);
        let second_correction = 1.0 - libm::pow(beta2, step as f64);
        let (inside, outside) = if decoupled { (0.0, weight_decay) } else { (weight_decay, 0.0) };
        Self {
            gradient_scale: T::from_f64(gradient_scale),
            weight_decay: T::from_f64(inside),
            keep: T::from_f64(1.0 - learning_rate * outside),
            first_share: T::from_f64(1.0 - beta1),
            second_keep: T::from_f64(beta2),
            second_share: T::from_f64(1.0 - beta2),
            correction: T::from_f64(1.0 / libm::sqrt(second_correction)),
            epsilon: T::from_f64(epsilon),
            step_size: T::from_f64(learning_rate / first_correction),
        }
    }

    /// `m += (1 - beta1) (g - m)`, `v = beta2 v + (1 - beta2) g²`, `p -= lr / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) +
    /// epsilon)`, where `g` has had `weight_decay p` added, or for AdamW `p` has been multiplied by `1 - lr weight_decay`.
    /// Before the first step `m` and `v` are 0.
    /// # Panics
    /// The lengths differ.
    #[inline(always)]
    pub fn step<S: Simd>(
        &self,
        simd: S,
        parameters: &mut [T],
        gradients: &[T],
        first_moments: &mut [T],
        second_moments: &mut [T],
    ) {
        AdamStep { rule: *self, parameters, gradients, first_moments, second_moments }.call(simd);
    }
}

/// A step of [`Adam`].
struct AdamStep<'a, T> {
    rule: Adam<T>,
    parameters: &'a mut [T],
    gradients: &'a [T],
    first_moments: &'a mut [T],
    second_moments: &'a mut [T],
}

compiled!(AdamStep);

impl<T: Float> WithSimd for AdamStep<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let AdamStep { rule, parameters, gradients, first_moments, second_moments } = self;
        let splat = |number| VectorOf::<S, T>::splat(simd, number);
        let (scale, decay, keep) = (splat(rule.gradient_scale), splat(rule.weight_decay), splat(rule.keep));
        let (first_share, second_share) = (splat(rule.first_share), splat(rule.second_share));
        let (second_keep, correction) = (splat(rule.second_keep), splat(rule.correction));
        let (epsilon, step_size) = (splat(rule.epsilon), splat(rule.step_size));
        each::<S, T, 4>(
            [parameters.len(), gradients.len(), first_moments.len(), second_moments.len()],
            #[inline(always)]
            |span| {
                // SAFETY: spans lie within the common length.
                unsafe {
                    let p = span.load::<VectorOf<S, T>>(simd, parameters);
                    let g = decay.mul_add(p, span.load::<VectorOf<S, T>>(simd, gradients) * scale);
                    let m = span.load::<VectorOf<S, T>>(simd, first_moments);
                    let m = settled::<S, T>(simd, first_share.mul_add(g - m, m), least_mean());
                    let v = span.load::<VectorOf<S, T>>(simd, second_moments);
                    let v = second_keep.mul_add(v, second_share * g * g);
                    let v = settled::<S, T>(simd, v, T::MIN_POSITIVE);
                    span.store(m, first_moments);
                    span.store(v, second_moments);
                    let size = v.sqrt().mul_add(correction, epsilon);
                    span.store(keep * p - step_size * m / size, parameters);
                }
            },
        );
    }
}

/// A step of RMSprop (T. Hinton, Neural networks for machine learning, lecture 6, 2012), PyTorch's `RMSprop`, not centred.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsProp {
    /// What the gradients are multiplied by first: 1, or less where they are clipped or averaged.
    pub gradient_scale: f64,
    /// The step where gradients have a constant size.
    pub learning_rate: f64,
    /// The part of the mean squared gradient that is kept.
    pub alpha: f64,
    /// Added to the root of the mean squared gradient.
    pub epsilon: f64,
    /// Added to the gradient, times the parameter.
    pub weight_decay: f64,
    /// The part of the last velocity that is kept.
    pub momentum: f64,
}

impl RmsProp {
    /// `v = alpha v + (1 - alpha) g²`, `p -= learning_rate g / (sqrt(v) + epsilon)`, where `g` has had `weight_decay p` added.
    /// Before the first step `v` is 0.
    /// # Panics
    /// The lengths differ.
    #[inline(always)]
    pub fn step<S: Simd, T: Float>(&self, simd: S, parameters: &mut [T], gradients: &[T], squares: &mut [T]) {
        RmsPropStep { rule: *self, parameters, gradients, squares, velocities: None }.call(simd);
    }

    /// As [`Self::step`] with `b = momentum b + g / (sqrt(v) + epsilon)`, `p -= learning_rate b`. Before the first step `b` is 0.
    /// # Panics
    /// The lengths differ.
    #[inline(always)]
    pub fn step_with_momentum<S: Simd, T: Float>(
        &self,
        simd: S,
        parameters: &mut [T],
        gradients: &[T],
        squares: &mut [T],
        velocities: &mut [T],
    ) {
        let velocities = Some(velocities);
        RmsPropStep { rule: *self, parameters, gradients, squares, velocities }.call(simd);
    }
}

/// A step of [`RmsProp`], with velocities or without.
struct RmsPropStep<'a, T> {
    rule: RmsProp,
    parameters: &'a mut [T],
    gradients: &'a [T],
    squares: &'a mut [T],
    velocities: Option<&'a mut [T]>,
}

compiled!(RmsPropStep, "prebuilt");

impl<T: Float> WithSimd for RmsPropStep<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let RmsPropStep { rule, parameters, gradients, squares, mut velocities } = self;
        let splat = |number| VectorOf::<S, T>::splat(simd, T::from_f64(number));
        let (scale, decay) = (splat(rule.gradient_scale), splat(rule.weight_decay));
        let (keep, share) = (splat(rule.alpha), splat(1.0 - rule.alpha));
        let (epsilon, momentum, rate) =
            (splat(rule.epsilon), splat(rule.momentum), splat(rule.learning_rate));
        each::<S, T, 4>(
            [parameters.len(), gradients.len(), squares.len(), length_of(&velocities, parameters)],
            #[inline(always)]
            |span| {
                // SAFETY: spans lie within the common length.
                unsafe {
                    let p = span.load::<VectorOf<S, T>>(simd, parameters);
                    let g = decay.mul_add(p, span.load::<VectorOf<S, T>>(simd, gradients) * scale);
                    let v = keep.mul_add(span.load(simd, squares), share * g * g);
                    let v = settled::<S, T>(simd, v, T::MIN_POSITIVE);
                    span.store(v, squares);
                    let mut step = g / (v.sqrt() + epsilon);
                    if let Some(velocities) = &mut velocities {
                        step = momentum.mul_add(span.load(simd, velocities), step);
                        step = settled::<S, T>(simd, step, least_mean());
                        span.store(step, velocities);
                    }
                    span.store(rate.neg_mul_add(step, p), parameters);
                }
            },
        );
    }
}

/// `average = decay average + (1 - decay) x`.
/// # Panics
/// The lengths differ.
#[inline(always)]
pub fn moving_average<S: Simd, T: Float>(simd: S, decay: f64, x: &[T], average: &mut [T]) {
    let keep = VectorOf::<S, T>::splat(simd, T::from_f64(decay));
    let share = VectorOf::<S, T>::splat(simd, T::from_f64(1.0 - decay));
    each::<S, T, 2>(
        [x.len(), average.len()],
        #[inline(always)]
        |span| {
            // SAFETY: spans lie within the common length.
            unsafe {
                let old = span.load::<VectorOf<S, T>>(simd, average);
                span.store(keep.mul_add(old, share * span.load(simd, x)), average);
            }
        },
    );
}

/// `x *= factor`.
#[inline(always)]
pub fn scale<S: Simd, T: Float>(simd: S, factor: T, x: &mut [T]) {
    let factor = VectorOf::<S, T>::splat(simd, factor);
    each::<S, T, 1>(
        [x.len()],
        #[inline(always)]
        // SAFETY: spans lie within the length.
        |span| unsafe { span.store(span.load::<VectorOf<S, T>>(simd, x) * factor, x) },
    );
}

//! Random tensors to begin a training with: by PyTorch's `nn.init`.

use alloc::vec::Vec;

use super::Tensor;
use crate::element::Float;
use crate::random::Random;
use crate::shape::{Dim, Shape};

/// How many numbers go into one number of a layer's output, and how many come out of one of its input, for weights
/// `[out, in, ..]`.
const fn fans<S: Shape>() -> (usize, usize) {
    assert!(S::RANK >= 2, "weights have at least two axes: outputs, inputs");
    let (mut field, mut axis) = (1, 2);
    while axis < S::RANK {
        field *= S::DIMS[axis];
        axis += 1;
    }
    (S::DIMS[1] * field, S::DIMS[0] * field)
}

impl<S: Shape, T: Float> Tensor<S, T> {
    fn within(seed: u64, bound: f64) -> Self {
        let mut random = Random::new(seed);
        Self::from_fn(|_| T::from_f64(bound * (2.0 * random.uniform_f64() - 1.0)))
    }

    fn spread(seed: u64, deviation: f64) -> Self {
        let mut random = Random::new(seed);
        Self::from_fn(|_| T::from_f64(deviation * random.normal()))
    }

    /// 1 with the given probability, else 0.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    /// let mask = Tensor::<R1<1000>>::bernoulli(7, 0.25);
    /// assert!((200.0..300.0).contains(&mask.iter().sum::<f32>()));
    /// ```
    #[must_use]
    pub fn bernoulli(seed: u64, probability: f64) -> Self {
        let mut random = Random::new(seed);
        Self::from_fn(|_| if random.uniform_f64() < probability { T::ONE } else { T::ZERO })
    }

    /// Weights `[out, in, ..]` for layers with ReLU, uniform within `√(6 / fan_in)` (He et al., 2015).
    ///
    /// ```
    /// use nanotorch::prelude::*;
    /// let weight = Tensor::<R2<100, 24>>::kaiming_uniform(1);
    /// let largest = weight.iter().copied().fold(0.0, f32::max);
    /// assert!(largest <= 0.5 && largest > 0.49);
    /// ```
    #[must_use]
    pub fn kaiming_uniform(seed: u64) -> Self {
        let (fan_in, _) = const { fans::<S>() };
        Self::within(seed, libm::sqrt(6.0 / fan_in as f64))
    }

    /// Weights `[out, in, ..]` for layers with ReLU, of a normal distribution with the variance `2 / fan_in`.
    #[must_use]
    pub fn kaiming_normal(seed: u64) -> Self {
        let (fan_in, _) = const { fans::<S>() };
        Self::spread(seed, libm::sqrt(2.0 / fan_in as f64))
    }

    /// Weights `[out, in, ..]`, uniform within `√(6 / (fan_in + fan_out))` (Glorot and Bengio, 2010).
    #[must_use]
    pub fn xavier_uniform(seed: u64) -> Self {
        let (fan_in, fan_out) = const { fans::<S>() };
        Self::within(seed, libm::sqrt(6.0 / (fan_in + fan_out) as f64))
    }

    /// Weights `[out, in, ..]` of a normal distribution with the variance `2 / (fan_in + fan_out)`.
    #[must_use]
    pub fn xavier_normal(seed: u64) -> Self {
        let (fan_in, fan_out) = const { fans::<S>() };
        Self::spread(seed, libm::sqrt(2.0 / (fan_in + fan_out) as f64))
    }
}

impl<A: Dim, B: Dim, T: Float> Tensor<(A, B), T> {
    /// A random matrix whose rows, or columns where there are fewer of them, are of length 1 and at right angles (Saxe et al.,
    /// 2014).
    ///
    /// ```
    /// use nanotorch::prelude::*;
    /// let q = Tensor::<R2<3, 5>, f64>::orthogonal(1);
    /// let product = |a, b| q.row(a).iter().zip(q.row(b)).map(|(x, y)| x * y).sum::<f64>();
    /// assert!((product(1, 1) - 1.0).abs() < 1e-12 && product(0, 2).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn orthogonal(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let (count, length) = if A::N < B::N { (A::N, B::N) } else { (B::N, A::N) };
        // Gram and Schmidt's method, twice: once leaves what rounding took.
        let mut rows: Vec<Vec<f64>> = Vec::with_capacity(count);
        for _ in 0..count {
            let mut row: Vec<f64> = (0..length).map(|_| random.normal()).collect();
            for other in rows.iter().chain(&rows) {
                let along: f64 = row.iter().zip(other).map(|(a, b)| a * b).sum();
                row.iter_mut().zip(other).for_each(|(a, b)| *a -= along * b);
            }
            let norm = libm::sqrt(row.iter().map(|a| a * a).sum());
            row.iter_mut().for_each(|a| *a /= norm);
            rows.push(row);
        }
        let rows_are_long = A::N < B::N;
        Self::from_fn(|[a, b]| T::from_f64(if rows_are_long { rows[a][b] } else { rows[b][a] }))
    }
}

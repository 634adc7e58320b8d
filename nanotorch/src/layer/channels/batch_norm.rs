//! Normalisation over the samples of a batch.

use super::group_norm::{fit_of_channels, places};
use crate::device::{Device, Pass};
use crate::element::Float;
use crate::layer::normalization::{NormOptions, epsilon};
use crate::model::{
    Backward, Fit, Follows, Initialize, Layer, Memory, Module, Needs, Parameters, Path, Role, Walk,
};
use crate::op::channels::{BatchNormalization, BatchNormalizationBackward, BatchStatistics, ScaleOfVariance};
use crate::op::formula::Formulas;
use crate::random::Random;
use crate::shape::Shape;

/// Running statistics of a [`BatchNorm`] move by `NUMERATOR` in `DENOMINATOR` towards those of a batch, in 100
/// by default: `Momentum<5>` for 0.05.
#[derive(Clone, Copy, Debug)]
pub struct Momentum<const NUMERATOR: usize, const DENOMINATOR: usize = 100>;

impl<const NUMERATOR: usize, const DENOMINATOR: usize> NormOptions for Momentum<NUMERATOR, DENOMINATOR> {
    const MOMENTUM: (usize, usize) = (NUMERATOR, DENOMINATOR);
    type Weight<P: Parameters> = P;
    type Bias<P: Parameters> = P;
}

/// `y = w(c) (x - mean(c)) / √(variance(c) + ε) + b(c)`, with mean and variance of each channel over the batch and all places:
/// `[CHANNELS, ..]`, whatever the axes.
///
/// In training the statistics are those of the batch, and running ones move towards them by a tenth
/// ([`Momentum`](super::Momentum)) with each step; at inference they are the running ones. Which of both it is, the type of the
/// pass says, not a flag. `weight` and `bias` are `[CHANNELS]` and begin with 1 and 0, as `running_var` and `running_mean` do,
/// which are buffers: they have no gradient, and no optimizer touches them. ε is 1e-5. The input's shape.
///
/// PyTorch's `num_batches_tracked` isn't kept: it has no influence unless the momentum is `None`.
///
/// ```
/// use nanotorch::prelude::*;
///
/// #[model(input = [3, 32, 32])]
/// pub struct Net {
///     conv: Conv2d<3, 16, 3, (Same, NoBias)>,
///     norm: BatchNorm<16>,
///     relu: Relu,
/// }
/// assert_eq!(Net::PARAMS, 16 * 3 * 9 + 4 * 16);
/// ```
/// Source: Ioffe and Szegedy, 2015; PyTorch's `torch.nn.BatchNorm1d`, `BatchNorm2d`, `BatchNorm3d`.
#[repr(C)]
pub struct BatchNorm<const CHANNELS: usize, O: NormOptions = (), T: Float = f32> {
    /// A weight for each channel.
    pub weight: O::Weight<[T; CHANNELS]>,
    /// A bias for each channel.
    pub bias: O::Bias<[T; CHANNELS]>,
    /// The mean of each channel, over the batches that were trained on.
    pub running_mean: [T; CHANNELS],
    /// The variance of each channel, over the batches that were trained on.
    pub running_var: [T; CHANNELS],
}

/// The gradient of a [`BatchNorm`]: of its weights and bias, not of what it has observed.
#[repr(C)]
pub struct BatchNormGradient<const CHANNELS: usize, O: NormOptions = (), T: Float = f32> {
    /// The gradient by the weights.
    pub weight: O::Weight<[T; CHANNELS]>,
    /// The gradient by the bias.
    pub bias: O::Bias<[T; CHANNELS]>,
}

// SAFETY: it is `repr(C)`, of fields that consist of the element alone, and so without padding.
unsafe impl<const CHANNELS: usize, O: NormOptions, T: Float> Parameters for BatchNorm<CHANNELS, O, T> {
    type Element = T;
    const BUFFERS: usize = 2 * CHANNELS;
    const LAYERS: bool = false;
    fn describe(path: &Path<'_>, walk: &mut Walk<'_>) {
        <O::Weight<[T; CHANNELS]>>::describe(&path.field("weight"), walk);
        <O::Bias<[T; CHANNELS]>>::describe(&path.field("bias"), walk);
        walk.with_role::<[T; CHANNELS]>(Role::Buffer, &path.field("running_mean"));
        walk.with_role::<[T; CHANNELS]>(Role::Buffer, &path.field("running_var"));
    }
}

// SAFETY: as above.
unsafe impl<const CHANNELS: usize, O: NormOptions, T: Float> Parameters
    for BatchNormGradient<CHANNELS, O, T>
{
    type Element = T;
    fn describe(path: &Path<'_>, walk: &mut Walk<'_>) {
        <O::Weight<[T; CHANNELS]>>::describe(&path.field("weight"), walk);
        <O::Bias<[T; CHANNELS]>>::describe(&path.field("bias"), walk);
    }
}

impl<const CHANNELS: usize, O: NormOptions, T: Float> Initialize for BatchNorm<CHANNELS, O, T> {
    fn initialize(&mut self, _: &mut Random) {
        self.weight.values_mut().fill(T::ONE);
        self.bias.values_mut().fill(T::ZERO);
        self.running_mean = [T::ZERO; CHANNELS];
        self.running_var = [T::ONE; CHANNELS];
    }
}

#[diagnostic::do_not_recommend]
impl<const CHANNELS: usize, O: NormOptions, T: Float> Module for BatchNorm<CHANNELS, O, T> {
    type With<U: Float> = BatchNorm<CHANNELS, O, U>;
    type Gradient = BatchNormGradient<CHANNELS, O, T>;
    type On<I: Shape> = Self;
    #[inline(always)]
    fn on<I: Shape>(&self) -> &Self {
        self
    }
    fn begin(&mut self, random: &mut Random) {
        self.initialize(random);
    }
}

impl<const CHANNELS: usize, O: NormOptions, T: Float> BatchNorm<CHANNELS, O, T> {
    /// With statistics that are known; in place where `x` is none.
    #[inline(always)]
    fn with_known<P: Pass>(
        &self,
        pass: &mut P,
        places: usize,
        epsilon: f64,
        x: Option<&[T]>,
        y: &mut [T],
        memory: Memory<'_, T>,
    ) {
        let (mean, variance, scale) = (&self.running_mean, &self.running_var, memory.workspace);
        let (scale, weight, bias) = (&mut scale[..CHANNELS], self.weight.values(), self.bias.values());
        pass.device().run(ScaleOfVariance { epsilon, variance, scale });
        pass.device().run(BatchNormalization { places, mean, scale, weight, bias, x, y });
    }
}

impl<I: Shape, const CHANNELS: usize, O: NormOptions, T: Float> Layer<I> for BatchNorm<CHANNELS, O, T> {
    type Out = I;
    const FIT: Fit = fit_of_channels::<I>("BatchNorm", CHANNELS, CHANNELS);
    const FLOPS: usize = 2 * I::LEN;
    // Those that are saved are numbers of the batch, of which there is one sample at least.
    const NEEDS: Needs = Needs {
        input: true,
        saved: 3 * CHANNELS,
        backward: 2 * CHANNELS,
        workspace: CHANNELS,
        ..Needs::NOTHING
    };
    const FOLLOWS: Follows = Follows::Scales(CHANNELS);
    const FORMULAS: Formulas = Formulas {
        value: &["({0} - mean of the batch) / √(its variance + ε) * {self}.weight + {self}.bias"],
        ..Formulas::CALL
    };

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[T], y: &mut [T], memory: Memory<'_, T>) {
        let (places, epsilon) = (const { places::<I>() }, const { epsilon::<O>(1e-5) });
        let (weight, bias) = (self.weight.values(), self.bias.values());
        if !P::TRAINING {
            self.with_known(pass, places, epsilon, Some(x), y, memory);
            return;
        }
        let (mean, rest) = memory.saved.split_at_mut(CHANNELS);
        let (scale, rest) = rest.split_at_mut(CHANNELS);
        let variance = &mut rest[..CHANNELS];
        pass.device().run(BatchStatistics { places, epsilon, x, mean, scale, variance });
        let momentum = const { O::MOMENTUM.0 as f64 / O::MOMENTUM.1 as f64 };
        pass.observe(&self.running_mean, mean, momentum);
        pass.observe(&self.running_var, variance, momentum);
        pass.device().run(BatchNormalization { places, mean, scale, weight, bias, x: Some(x), y });
    }

    #[inline(always)]
    fn forward_in_place<P: Pass>(&self, pass: &mut P, y: &mut [T], memory: Memory<'_, T>) {
        let (places, epsilon) = (const { places::<I>() }, const { epsilon::<O>(1e-5) });
        self.with_known(pass, places, epsilon, None, y, memory);
    }

    #[inline(always)]
    fn scaling(&self, scale: &mut [T], shift: &mut [T]) {
        let (weight, bias) = (self.weight.values(), self.bias.values());
        let epsilon = T::from_f64(const { epsilon::<O>(1e-5) });
        for (channel, (scale, shift)) in scale.iter_mut().zip(shift).enumerate() {
            let weight = weight.get(channel).copied().unwrap_or(T::ONE);
            let bias = bias.get(channel).copied().unwrap_or(T::ZERO);
            *scale = weight / (self.running_var[channel] + epsilon).sqrt();
            *shift = bias - self.running_mean[channel] * *scale;
        }
    }

    #[inline(always)]
    fn backward<P: Pass>(
        &self,
        pass: &mut P,
        edges: Backward<'_, T>,
        gradient: Option<&mut Self::Gradient>,
        memory: Memory<'_, T>,
    ) {
        let Backward { x, dy, dx, .. } = edges;
        let (mean, rest) = memory.saved.split_at(CHANNELS);
        let (places, scale, weight) = (const { places::<I>() }, &rest[..CHANNELS], self.weight.values());
        let (sums, accumulate) = (&mut memory.scratch[..2 * CHANNELS], pass.accumulate());
        let (dweight, dbias) = match gradient {
            Some(gradient) => (gradient.weight.values_mut(), gradient.bias.values_mut()),
            None => ([].as_mut_slice(), [].as_mut_slice()),
        };
        pass.device().run(BatchNormalizationBackward {
            places,
            mean,
            scale,
            weight,
            x,
            dy,
            sums,
            dweight,
            dbias,
            accumulate,
            dx,
        });
    }
}

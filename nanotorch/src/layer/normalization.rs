//! Normalisation of a sample's numbers: by layer, by root mean square.

use super::{ArrayShape, NoBias};
use crate::device::{Device, Pass};
use crate::element::Float;
use crate::kernel::normalize::Normalization;
use crate::message::Text;
use crate::model::parameters::Nothing;
use crate::model::{Backward, Fit, Initialize, Layer, Memory, Needs, Parameters};
use crate::op::formula::Formulas;
use crate::op::normalization::{NormalizationBackward, NormalizationForward};
use crate::random::Random;
use crate::shape::{R1, Shape};

/// The options of a normalisation: `()`, [`NoBias`], [`NoAffine`], [`Epsilon`], `Momentum`, or two of them in a tuple.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no option of a normalisation",
    note = "options are `NoBias`, `NoAffine`, `Epsilon<6>` for 1e-6, `Momentum<5>` for 0.05, or two of them: `(NoBias, Epsilon<6>)`"
)]
pub trait NormOptions: Send + Sync + 'static {
    /// What is added to the variance is 10 to minus this.
    const EPSILON: Option<i32> = None;
    /// How far running statistics move towards those of a batch: so many in so many.
    const MOMENTUM: (usize, usize) = (1, 10);
    /// The weights, if there are any, where they would be `P`.
    type Weight<P: Parameters>: Parameters<Element = P::Element>;
    /// The bias, if there is one, where it would be `P`.
    type Bias<P: Parameters>: Parameters<Element = P::Element>;
}

/// With weights and a bias, and the usual ε.
impl NormOptions for () {
    type Weight<P: Parameters> = P;
    type Bias<P: Parameters> = P;
}

impl NormOptions for NoBias {
    type Weight<P: Parameters> = P;
    type Bias<P: Parameters> = Nothing<P::Element>;
}

/// Without weights and bias.
#[derive(Clone, Copy, Debug)]
pub struct NoAffine;

impl NormOptions for NoAffine {
    type Weight<P: Parameters> = Nothing<P::Element>;
    type Bias<P: Parameters> = Nothing<P::Element>;
}

/// 10 to minus `POWER` is added to the variance: `Epsilon<6>` for 1e-6.
#[derive(Clone, Copy, Debug)]
pub struct Epsilon<const POWER: i32>;

impl<const POWER: i32> NormOptions for Epsilon<POWER> {
    const EPSILON: Option<i32> = Some(POWER);
    type Weight<P: Parameters> = P;
    type Bias<P: Parameters> = P;
}

impl<A: NormOptions, B: NormOptions> NormOptions for (A, B) {
    const MOMENTUM: (usize, usize) =
        if A::MOMENTUM.0 * 10 == A::MOMENTUM.1 { B::MOMENTUM } else { A::MOMENTUM };
    const EPSILON: Option<i32> = if A::EPSILON.is_some() { A::EPSILON } else { B::EPSILON };
    type Weight<P: Parameters> = A::Weight<B::Weight<P>>;
    type Bias<P: Parameters> = A::Bias<B::Bias<P>>;
}

/// What the options say is added to the variance.
pub(super) const fn epsilon<O: NormOptions>(usual: f64) -> f64 {
    let Some(power) = O::EPSILON else { return usual };
    let (mut divisor, mut left) = (1.0, power);
    while left > 0 {
        divisor *= 10.0;
        left -= 1;
    }
    1.0 / divisor
}

/// Whether the last axes of `I` are `S`.
const fn ends_with<I: Shape, S: Shape>() -> bool {
    if I::RANK < S::RANK {
        return false;
    }
    let mut axis = 0;
    while axis < S::RANK {
        if I::DIMS[I::RANK - S::RANK + axis] != S::DIMS[axis] {
            return false;
        }
        axis += 1;
    }
    true
}

const fn fit_of_last_axes<I: Shape, S: Shape>(name: &str) -> Fit {
    if ends_with::<I, S>() {
        return Fit::Fits;
    }
    let takes = Text::new("normalises ").lengths::<S>(" x ").text(" numbers at the end");
    let fix = if I::RANK > 0 && S::RANK == 1 {
        Text::new("write `").text(name).text("<").number(I::DIMS[I::RANK - 1]).text(">`")
    } else {
        Text::EMPTY
    };
    Fit::mismatch(takes, Text::EMPTY.shape::<I>(), fix)
}

/// Groups of `length` numbers in `I`; none where it doesn't fit.
pub(super) const fn groups<I: Shape>(length: usize) -> usize {
    match I::LEN.checked_div(length) {
        Some(groups) => groups,
        None => 0,
    }
}

/// What a normalisation keeps: its input, mean and deviation of each group.
pub(super) const fn needs(groups: usize) -> Needs {
    Needs { input: true, saved: 2 * groups, infer: 2 * groups, ..Needs::NOTHING }
}

/// Statistics are kept in training, and else are nobody's afterwards.
#[inline(always)]
pub(super) fn kept<P: Pass, T>(memory: Memory<'_, T>) -> &mut [T] {
    if P::TRAINING { memory.saved } else { memory.scratch }
}

macro_rules! normalization {
    (
        impl[$($generics:tt)*] $Layer:ty;
        name: $name:literal; formula: $formula:expr; size: $size:expr; fit: $fit:expr;
        bias: |$this:ident| $bias:expr, $bias_mut:expr
    ) => {
        impl<I: Shape, $($generics)*> Layer<I> for $Layer {
            type Out = I;
            const FIT: Fit = $fit;
            const FLOPS: usize = 7 * I::LEN;
            const NEEDS: Needs = needs(groups::<I>($size.length));
            const FORMULAS: Formulas = Formulas { value: &[$formula], ..Formulas::CALL };

            #[inline(always)]
            fn forward<P: Pass>(&self, pass: &mut P, x: &[T], y: &mut [T], memory: Memory<'_, T>) {
                let ($this, kept) = (self, kept::<P, T>(memory));
                let (size, weight, bias) = (const { $size }, self.weight.values(), $bias);
                pass.device().run(NormalizationForward { name: $name, size, x, weight, bias, y, kept });
            }

            #[inline(always)]
            fn backward<P: Pass>(
                &self,
                pass: &mut P,
                edges: Backward<'_, T>,
                gradient: Option<&mut Self>,
                memory: Memory<'_, T>,
            ) {
                let Backward { x, dy, dx, .. } = edges;
                let (size, weight, accumulate) = (const { $size }, self.weight.values(), pass.accumulate());
                let (dweight, dbias) = match gradient {
                    Some($this) => ($this.weight.values_mut(), $bias_mut),
                    None => ([].as_mut_slice(), [].as_mut_slice()),
                };
                let kept = &*memory.saved;
                pass.device().run(NormalizationBackward {
                    size,
                    x,
                    weight,
                    kept,
                    dy,
                    dx,
                    dweight,
                    dbias,
                    accumulate,
                });
            }
        }
    };
}

#[cfg(feature = "convolution")]
pub(super) use normalization;

/// `y = w (x - mean) / √(variance + ε) + b` over the last axes, whose lengths are `S`, as those of `weight` and `bias`.
///
/// Mostly written as [`LayerNorm`]. Weights begin with 1, the bias with 0; ε is 1e-5. The input's shape, which ends in `S`.
///
/// Source: Ba et al., 2016; PyTorch's `torch.nn.LayerNorm`.
#[crate::layer]
pub struct LayerNormalization<S: ArrayShape, O: NormOptions = (), T: Float = f32> {
    /// The weights, of the shape `S`.
    pub weight: O::Weight<S::Array<T>>,
    /// The bias, of the shape `S`.
    pub bias: O::Bias<S::Array<T>>,
}

/// A [`LayerNormalization`] over the last axis.
///
/// ```
/// use nanotorch::prelude::*;
///
/// #[model(input = [16, 64])]
/// pub struct Block {
///     norm: LayerNorm<64>,
///     fc: Linear<64, 64>,
///     last: LayerNorm<64, NoBias>,
/// }
/// assert_eq!(Block::PARAMS, 2 * 64 + 64 * 64 + 64 + 64);
/// ```
pub type LayerNorm<const N: usize, O = (), T = f32> = LayerNormalization<R1<N>, O, T>;

impl<S: ArrayShape, O: NormOptions, T: Float> Initialize for LayerNormalization<S, O, T> {
    fn initialize(&mut self, _: &mut Random) {
        self.weight.values_mut().fill(T::ONE);
        self.bias.values_mut().fill(T::ZERO);
    }
}

normalization! {
    impl[S: ArrayShape, O: NormOptions, T: Float] LayerNormalization<S, O, T>;
    name: "LayerNormalization";
    formula: "({0} - mean) / √(variance + ε) * {self}.weight + {self}.bias";
    size: Normalization { length: <S as Shape>::LEN, shared: 1, centred: true, epsilon: epsilon::<O>(1e-5) };
    fit: fit_of_last_axes::<I, S>("LayerNorm");
    bias: |this| this.bias.values(), this.bias.values_mut()
}

/// `y = w x / √(mean x² + ε)` over the last axes, whose lengths are `S`, as those of `weight`.
///
/// Mostly written as [`RmsNorm`]. Weights begin with 1; ε is that of the numbers (1.19e-7 for f32), as in PyTorch. The input's
/// shape, which ends in `S`.
///
/// Source: Zhang and Sennrich, 2019; PyTorch's `torch.nn.RMSNorm`.
#[crate::layer]
pub struct RmsNormalization<S: ArrayShape, O: NormOptions = (), T: Float = f32> {
    /// The weights, of the shape `S`.
    pub weight: O::Weight<S::Array<T>>,
}

/// An [`RmsNormalization`] over the last axis.
///
/// ```
/// use nanotorch::prelude::*;
///
/// #[model(input = [16, 64])]
/// pub struct Block {
///     norm: RmsNorm<64, Epsilon<6>>,
///     fc: Linear<64, 64, NoBias>,
/// }
/// ```
pub type RmsNorm<const N: usize, O = (), T = f32> = RmsNormalization<R1<N>, O, T>;

impl<S: ArrayShape, O: NormOptions, T: Float> Initialize for RmsNormalization<S, O, T> {
    fn initialize(&mut self, _: &mut Random) {
        self.weight.values_mut().fill(T::ONE);
    }
}

const fn machine_epsilon<T: Float>() -> f64 {
    if T::FRACTION_BITS == f32::FRACTION_BITS { f32::EPSILON as f64 } else { f64::EPSILON }
}

normalization! {
    impl[S: ArrayShape, O: NormOptions, T: Float] RmsNormalization<S, O, T>;
    name: "RMSNormalization";
    formula: "{0} / √(mean of {0}² + ε) * {self}.weight";
    size: Normalization {
        length: <S as Shape>::LEN,
        shared: 1,
        centred: false,
        epsilon: epsilon::<O>(machine_epsilon::<T>()),
    };
    fit: fit_of_last_axes::<I, S>("RmsNorm");
    bias: |this| { let _ = this; &[] }, [].as_mut_slice()
}

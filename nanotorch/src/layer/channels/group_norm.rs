//! Normalisation of a sample's channels, in groups or one by one.

use crate::device::{Device, Pass};
use crate::element::Float;
use crate::kernel::normalize::Normalization;
use crate::layer::normalization::{NoAffine, NormOptions, epsilon, groups, kept, needs, normalization};
use crate::message::Text;
use crate::model::{Backward, Fit, Initialize, Layer, Memory, Needs, Parameters};
use crate::op::formula::Formulas;
use crate::op::normalization::{NormalizationBackward, NormalizationForward};
use crate::random::Random;
use crate::shape::Shape;

/// `y = w(c) (x - mean) / √(variance + ε) + b(c)` over `GROUPS` groups of neighbouring channels: `[CHANNELS, ..]`.
///
/// Mean and variance are those of a group's channels and places, of one sample. `weight` and `bias` are `[CHANNELS]` and begin
/// with 1 and 0; ε is 1e-5. The input's shape.
///
/// ```
/// use nanotorch::prelude::*;
///
/// #[model(input = [3, 32, 32])]
/// pub struct Net {
///     conv: Conv2d<3, 16, 3, Same>,
///     norm: GroupNorm<4, 16>,
///     relu: Relu,
/// }
/// ```
/// Source: Wu and He, 2018; PyTorch's `torch.nn.GroupNorm`.
#[crate::layer]
pub struct GroupNorm<const GROUPS: usize, const CHANNELS: usize, O: NormOptions = (), T: Float = f32> {
    /// A weight for each channel.
    pub weight: O::Weight<[T; CHANNELS]>,
    /// A bias for each channel.
    pub bias: O::Bias<[T; CHANNELS]>,
}

/// A [`GroupNorm`] whose groups are single channels; without weights and bias, as PyTorch's `torch.nn.InstanceNorm1d` to
/// `InstanceNorm3d` are by default. With them: `InstanceNorm<8, ()>`.
pub type InstanceNorm<const CHANNELS: usize, O = NoAffine, T = f32> = GroupNorm<CHANNELS, CHANNELS, O, T>;

impl<const GROUPS: usize, const CHANNELS: usize, O: NormOptions, T: Float> Initialize
    for GroupNorm<GROUPS, CHANNELS, O, T>
{
    fn initialize(&mut self, _: &mut Random) {
        self.weight.values_mut().fill(T::ONE);
        self.bias.values_mut().fill(T::ZERO);
    }
}

pub(super) const fn fit_of_channels<I: Shape>(name: &str, groups: usize, channels: usize) -> Fit {
    if groups == 0 || !channels.is_multiple_of(groups) {
        let wrong = Text::new("makes ").number(groups).text(" groups of ").number(channels).text(" channels");
        return Fit::mismatch(wrong, Text::EMPTY, Text::new("groups have equal numbers of channels"));
    }
    if I::RANK > 0 && I::DIMS[0] == channels {
        return Fit::Fits;
    }
    let takes =
        Text::new("takes ").number(channels).text(if channels == 1 { " channel" } else { " channels" });
    if I::RANK == 0 {
        return Fit::mismatch(takes, Text::new("a scalar"), Text::EMPTY);
    }
    let given = Text::EMPTY.number(I::DIMS[0]);
    let given = if I::RANK == 1 { given } else { given.text(", the first of ").shape::<I>() };
    let fix = Text::new("write `").text(name).text("<");
    let fix = if groups == channels {
        fix.number(I::DIMS[0]).text(">`")
    } else if I::DIMS[0].is_multiple_of(groups) {
        fix.number(groups).text(", ").number(I::DIMS[0]).text(">`")
    } else {
        Text::EMPTY
    };
    Fit::mismatch(takes, given, fix)
}

/// Numbers of a channel of `I`.
pub(super) const fn places<I: Shape>() -> usize {
    match I::LEN.checked_div(I::DIMS[0]) {
        Some(places) => places,
        None => 0,
    }
}

normalization! {
    impl[const GROUPS: usize, const CHANNELS: usize, O: NormOptions, T: Float] GroupNorm<GROUPS, CHANNELS, O, T>;
    name: "GroupNormalization";
    formula: "({0} - mean) / √(variance + ε) * {self}.weight + {self}.bias";
    size: Normalization {
        length: match CHANNELS.checked_div(GROUPS) {
            Some(channels) => channels * places::<I>(),
            None => 0,
        },
        shared: places::<I>(),
        centred: true,
        epsilon: epsilon::<O>(1e-5),
    };
    fit: fit_of_channels::<I>(if GROUPS == CHANNELS { "InstanceNorm" } else { "GroupNorm" }, GROUPS, CHANNELS);
    bias: |this| this.bias.values(), this.bias.values_mut()
}

//! Normalisation of tensors, and of variables of a tape.

use super::check;
use super::face::{ElementOf, Face, FloatFace, Numbers, Of};
use crate::kernel::normalize::Normalization;
use crate::rule::Normalize;
#[cfg(feature = "convolution")]
use crate::rule::NormalizeBatch;
#[cfg(feature = "convolution")]
use crate::shape::Layout;
use crate::shape::{Dim, Shape};

/// Normalisations, without the factors and sums that layers of the same names have: multiply and add those behind it.
///
/// ```
/// use nanotorch::{prelude::*, tensor};
///
/// let (x, weight, bias) = (tensor![[1.0, 3.0], [5.0, 5.0]], tensor![2.0, 2.0], tensor![1.0, 1.0]);
/// let y = x.layer_norm(0.0) * weight + bias;
/// assert_eq!(y.row(0).as_slice(), [-1.0, 3.0]);
/// ```
pub trait Normalizations: Numbers<Face: FloatFace> {
    /// `y = (x - mean) / √(variance + ε)`, along the last axis.
    #[must_use]
    fn layer_norm(&self, epsilon: ElementOf<Self>) -> Of<Self, Self::Shape> {
        const { has_last::<Self::Shape>() };
        let length = <Self::Shape as Shape>::Last::N;
        normalized(self, "LayerNormalization", length, true, epsilon)
    }

    /// `y = x / √(mean x² + ε)`, along the last axis.
    #[must_use]
    fn rms_norm(&self, epsilon: ElementOf<Self>) -> Of<Self, Self::Shape> {
        const { has_last::<Self::Shape>() };
        let length = <Self::Shape as Shape>::Last::N;
        normalized(self, "RMSNormalization", length, false, epsilon)
    }

    /// `y = (x - mean) / √(variance + ε)` of each of `GROUPS` groups of neighbouring channels of a sample: `[batch, channels, ..]`.
    #[must_use]
    fn group_norm<const GROUPS: usize>(&self, epsilon: ElementOf<Self>) -> Of<Self, Self::Shape> {
        const { has_groups::<Self::Shape>(GROUPS) };
        let length = <Self::Shape as Shape>::Rest::LEN / GROUPS;
        normalized(self, "GroupNormalization", length, true, epsilon)
    }

    /// `y = (x - mean) / √(variance + ε)` of each channel of each sample: `[batch, channels, ..]`.
    #[must_use]
    fn instance_norm(&self, epsilon: ElementOf<Self>) -> Of<Self, Self::Shape> {
        const { has_groups::<Self::Shape>(1) };
        let length = <<Self::Shape as Shape>::Rest as Shape>::Rest::LEN;
        normalized(self, "InstanceNormalization", length, true, epsilon)
    }

    /// `y = (x - mean) / √(variance + ε)` of each channel of the whole batch, `[batch, channels, ..]`: what a
    /// [`BatchNorm`](crate::layer::BatchNorm) does in training.
    #[cfg(feature = "convolution")]
    #[must_use]
    fn batch_norm(&self, epsilon: ElementOf<Self>) -> Of<Self, Self::Shape> {
        const { has_groups::<Self::Shape>(1) };
        let rule = NormalizeBatch {
            channels: Self::Shape::DIMS[1],
            places: <<Self::Shape as Shape>::Rest as Shape>::Rest::LEN,
            epsilon: crate::element::Float::to_f64(epsilon),
            layout: Layout::of::<Self::Shape>(),
        };
        Self::Face::shaped(Self::Face::run(rule, &[self.raw()]))
    }
}

impl<N: Numbers<Face: FloatFace> + ?Sized> Normalizations for N {}

fn normalized<N: Numbers<Face: FloatFace> + ?Sized>(
    x: &N,
    name: &'static str,
    length: usize,
    centred: bool,
    epsilon: ElementOf<N>,
) -> Of<N, N::Shape> {
    let epsilon = crate::element::Float::to_f64(epsilon);
    let size = Normalization { length, shared: 1, centred, epsilon };
    let rule = Normalize { size, name, layout: N::Face::layout(x.raw()) };
    N::Face::shaped(N::Face::run(rule, &[x.raw()]))
}

const fn has_last<S: Shape>() {
    check::exact::<S>();
    assert!(S::RANK > 0 && S::LEN > 0, "there is nothing to normalise along a last axis");
}

const fn has_groups<S: Shape>(groups: usize) {
    check::exact::<S>();
    assert!(
        S::RANK > 1 && S::LEN > 0,
        "channels are normalised in a batch of samples, `[batch, channels, ..]`"
    );
    assert!(groups > 0 && S::DIMS[1].is_multiple_of(groups), "groups have equal numbers of channels");
}

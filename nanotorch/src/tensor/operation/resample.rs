//! Images of other lengths, by the linear maps of the layers of the same names.

use super::check;
use super::face::{Face, FloatFace, Numbers, Of};
use super::window::Planes;
use crate::computed::Computed;
use crate::layer::Interpolation;
use crate::layer::resample::{Enlarge, Fits, Resampling, Shuffle, Zeros2d};
use crate::rule::Mapped;
use crate::shape::{Layout, Shape};

/// What `M` does with each sample of a batch of the shape `S`.
type MapOf<S, M> = <M as Resampling>::On<<S as Shape>::Rest>;

/// The shape of a batch `S` after `M`.
type After<S, M> = <Computed<MapOf<S, M>> as Shape>::Prepend<<S as Shape>::First>;

/// Refuses images that don't fit, and a result of another shape than it is.
const fn gives<S: Shape, M: Resampling, R: Shape>() {
    check::exact::<S>();
    check::fits(<MapOf<S, M> as Fits>::FIT);
    check::gives::<After<S, M>, R>();
}

fn resampled<N, M, R>(x: &N) -> Of<N, R>
where
    N: Numbers<Face: FloatFace> + ?Sized,
    M: Resampling,
    R: Shape,
{
    let rule = Mapped::<MapOf<N::Shape, M>>::new(Layout::of::<R>());
    N::Face::shaped(N::Face::run(rule, &[x.raw()]))
}

/// Batches of images with more rows and columns, of tensors and of variables of a tape: what the layers
/// [`Upsample`](crate::layer::Upsample), [`PixelShuffle`](crate::layer::PixelShuffle) and [`ZeroPad2d`](crate::layer::ZeroPad2d) do.
/// The shape of the result is the caller's to write, and compared.
///
/// ```
/// use nanotorch::{prelude::*, tensor};
///
/// let image = tensor![[1.0, 2.0], [3.0, 4.0]].reshape::<R4<1, 1, 2, 2>>();
/// let larger: Tensor<R4<1, 1, 4, 4>> = image.interpolate::<2, Nearest, _>();
/// assert_eq!(larger.as_slice()[..8], [1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0]);
/// let smooth: Tensor<R4<1, 1, 4, 4>> = image.interpolate::<2, Bilinear, _>();
/// assert_eq!(smooth.as_slice()[..4], [1.0, 1.25, 1.75, 2.0]);
/// ```
/// Another shape than it gives doesn't compile:
/// ```compile_fail,E0080
/// # use nanotorch::prelude::*;
/// let larger: Tensor<R4<1, 1, 4, 5>> = Tensor::<R4<1, 1, 2, 2>>::ones().interpolate::<2, Nearest, _>();
/// ```
pub trait Resamplings: Numbers<Face: FloatFace> {
    /// `SCALE` times as many rows and columns: PyTorch's `interpolate` with `scale_factor` and the modes `nearest` and `bilinear`
    /// (with `align_corners=False`).
    #[must_use]
    fn interpolate<const SCALE: usize, M: Interpolation, R: Planes<2>>(&self) -> Of<Self, R>
    where
        Self::Shape: Planes<2>,
    {
        const { gives::<Self::Shape, Enlarge<SCALE, M>, R>() };
        resampled::<Self, Enlarge<SCALE, M>, R>(self)
    }

    /// Channels become pixels: `[batch, channels SCALE², height, width]` to `[batch, channels, SCALE height, SCALE width]`.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    /// let channels = Tensor::<R1<4>>::arange(0.0, 1.0).reshape::<R4<1, 4, 1, 1>>();
    /// let square: Tensor<R4<1, 1, 2, 2>> = channels.pixel_shuffle::<2, _>();
    /// assert_eq!(square.as_slice(), [0.0, 1.0, 2.0, 3.0]);
    /// ```
    #[must_use]
    fn pixel_shuffle<const SCALE: usize, R: Planes<2>>(&self) -> Of<Self, R>
    where
        Self::Shape: Planes<2>,
    {
        const { gives::<Self::Shape, Shuffle<SCALE>, R>() };
        resampled::<Self, Shuffle<SCALE>, R>(self)
    }

    /// Zeros around an image: so many on the left, right, top and bottom, in this order as in PyTorch.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    /// let padded: Tensor<R4<1, 1, 2, 4>> = Tensor::<R4<1, 1, 1, 1>>::ones().zero_pad2d::<1, 2, 0, 1, _>();
    /// assert_eq!(padded.as_slice(), [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    /// ```
    #[must_use]
    fn zero_pad2d<const LEFT: usize, const RIGHT: usize, const TOP: usize, const BOTTOM: usize, R>(
        &self,
    ) -> Of<Self, R>
    where
        Self::Shape: Planes<2>,
        R: Planes<2>,
    {
        const { gives::<Self::Shape, Zeros2d<LEFT, RIGHT, TOP, BOTTOM>, R>() };
        resampled::<Self, Zeros2d<LEFT, RIGHT, TOP, BOTTOM>, R>(self)
    }
}

impl<N: Numbers<Face: FloatFace> + ?Sized> Resamplings for N {}

//! Convolutions and poolings of batches of signals, images and volumes, with the geometry of the layers of the same names.

use core::marker::PhantomData;

use super::check;
use super::face::{Face, FloatFace, Numbers, Of};
use crate::computed::Computed;
use crate::kernel::convolution::Convolution;
use crate::layer::WindowOptions;
use crate::layer::window::{ChannelOption, Slid, Sliding, Whole, fit, window};
use crate::message::Text;
use crate::model::Fit;
use crate::op::pool::{Maximum, Mean, Pool};
use crate::rule::{AdaptiveMeans, Convolve, Pooled};
use crate::shape::{Dim, Layout, R1, R2, R3, Shape};

/// A shape `[.., .., ..]` with `AXES` axes behind the first two: a batch of channels, or the weights of a convolution.
#[diagnostic::on_unimplemented(
    message = "the shape `{Self}` hasn't {AXES} axes behind the first two",
    note = "samples are `[batch, channels, ..]`, weights `[out, in, ..]`; behind that a signal has one axis, an image two, a volume three"
)]
pub trait Planes<const AXES: usize>: Shape {}
impl<N: Dim, C: Dim, L: Dim> Planes<1> for (N, C, L) {}
impl<N: Dim, C: Dim, H: Dim, W: Dim> Planes<2> for (N, C, H, W) {}
impl<N: Dim, C: Dim, D: Dim, H: Dim, W: Dim> Planes<3> for (N, C, D, H, W) {}

/// The geometry of a convolution with weights of the shape `W`.
#[derive(Clone, Copy, Debug)]
struct Weighted<W, O, const TRANSPOSED: bool>(PhantomData<(W, O)>);

/// The number of groups, where the options say it.
const fn groups<O: WindowOptions>() -> Option<usize> {
    <O::Channels<Whole> as ChannelOption>::GROUPS
}

impl<W: Shape, O: WindowOptions, const TRANSPOSED: bool> Sliding for Weighted<W, O, TRANSPOSED> {
    type Kernel = <W::Rest as Shape>::Rest;
    type Options = O;
    // Weights are `[out, in / groups, ..]`, of a transposed convolution `[in, out / groups, ..]`.
    const INPUTS: Option<usize> = match (TRANSPOSED, groups::<O>()) {
        (true, _) => Some(W::DIMS[0]),
        (false, Some(groups)) => Some(groups * W::DIMS[1]),
        (false, None) => None,
    };
    const OUTPUTS: Option<usize> = match (TRANSPOSED, groups::<O>()) {
        (false, _) => Some(W::DIMS[0]),
        (true, Some(groups)) => Some(groups * W::DIMS[1]),
        (true, None) => Some(W::DIMS[0] * W::DIMS[1]),
    };
    const SIDE_BY_SIDE: bool = false;
    const TRANSPOSED: bool = TRANSPOSED;
}

/// The geometry of a pooling.
#[derive(Clone, Copy, Debug)]
struct Slides<K, O>(PhantomData<(K, O)>);

impl<K: Shape, O: WindowOptions> Sliding for Slides<K, O> {
    type Kernel = K;
    type Options = O;
    const INPUTS: Option<usize> = None;
    const OUTPUTS: Option<usize> = None;
    const SIDE_BY_SIDE: bool = true;
}

/// The shape of a batch `S` after a window `G`.
type After<S, G> = <Computed<Slid<<S as Shape>::Rest, G>> as Shape>::Prepend<<S as Shape>::First>;

/// Refuses a window that doesn't fit, and a result of another shape than it gives.
const fn slides<S: Shape, G: Sliding, R: Shape>() {
    check::exact::<S>();
    check::fits(fit::<S::Rest, G>(Text::EMPTY));
    check::gives::<After<S, G>, R>();
}

/// The number of groups of a convolution of a batch `S`. A depthwise one has one for each input channel.
const fn groups_of<S: Shape, O: WindowOptions>() -> usize {
    match groups::<O>() {
        Some(groups) => groups,
        None => S::DIMS[1],
    }
}

/// Refuses weights whose channels aren't grouped as the options say.
const fn grouped<S: Shape, W: Shape, O: WindowOptions>() {
    let groups = groups_of::<S, O>();
    let each = <O::Channels<Whole> as ChannelOption>::CHANNELS;
    let agrees = match each {
        Some(channels) => channels == W::DIMS[1],
        None => true,
    };
    if !agrees || !W::DIMS[0].is_multiple_of(groups) {
        let takes = Text::new("groups channels as ").number(groups).text(" x ");
        let takes = takes.number(if let Some(channels) = each { channels } else { W::DIMS[1] });
        let given = Text::new("weights of the shape ").shape::<W>();
        check::fits(Fit::mismatch(takes, given, Text::EMPTY));
    }
}

fn convolve<N, M, O, R, const TRANSPOSED: bool>(x: &N, weight: &M) -> Of<N, R>
where
    N: Numbers<Face: FloatFace> + ?Sized,
    M: Numbers<Face = N::Face> + ?Sized,
    O: WindowOptions,
    R: Shape,
{
    let groups = const { groups_of::<N::Shape, O>() };
    let window = const { window::<<N::Shape as Shape>::Rest, Weighted<M::Shape, O, TRANSPOSED>>() };
    let size = Convolution::new(window, groups, M::Shape::DIMS[1], M::Shape::DIMS[0] / groups);
    let rule = Convolve {
        size,
        axes: M::Shape::RANK - 2,
        rows: N::Shape::DIMS[0],
        transposed: TRANSPOSED,
        layout: Layout::of::<R>(),
    };
    N::Face::shaped(N::Face::run(rule, &[x.raw(), weight.raw()]))
}

fn pooled<N, P, K, O, R>(x: &N, pool: P) -> Of<N, R>
where
    N: Numbers<Face: FloatFace> + ?Sized,
    P: Pool,
    K: Shape,
    O: WindowOptions,
    R: Shape,
{
    let window = const { window::<<N::Shape as Shape>::Rest, Slides<K, O>>() };
    let rule = Pooled { pool, window, axes: K::RANK, layout: Layout::of::<R>() };
    N::Face::shaped(N::Face::run(rule, &[x.raw()]))
}

macro_rules! convolutions {
    ($($(#[$doc:meta])* $name:ident $axes:literal $transposed:literal;)*) => {
        $(
            $(#[$doc])*
            #[must_use]
            fn $name<O: WindowOptions, R: Planes<$axes>>(
                &self,
                weight: &(impl Numbers<Face = Self::Face, Shape: Planes<$axes>> + ?Sized),
            ) -> Of<Self, R>
            where
                Self::Shape: Planes<$axes>,
            {
                $name::<Self, _, O, R>(self, weight)
            }
        )*
    };
    (@functions $($name:ident $transposed:literal)*) => {
        $(
            // A generic parameter for the weights, which `impl Numbers` has none for in a constant.
            fn $name<N, M, O, R>(x: &N, weight: &M) -> Of<N, R>
            where
                N: Numbers<Face: FloatFace> + ?Sized,
                M: Numbers<Face = N::Face> + ?Sized,
                O: WindowOptions,
                R: Shape,
            {
                const { grouped::<N::Shape, M::Shape, O>() };
                const { slides::<N::Shape, Weighted<M::Shape, O, $transposed>, R>() };
                convolve::<N, M, O, R, $transposed>(x, weight)
            }
        )*
    };
}
convolutions!(@functions
    conv1d false conv2d false conv3d false
    conv_transpose1d true conv_transpose2d true conv_transpose3d true
);

macro_rules! poolings {
    ($($(#[$doc:meta])* $name:ident $axes:literal <$($length:ident),*> $Kernel:ty, $pool:expr;)*) => {
        $(
            $(#[$doc])*
            #[must_use]
            fn $name<$(const $length: usize,)* O: WindowOptions, R: Planes<$axes>>(&self) -> Of<Self, R>
            where
                Self::Shape: Planes<$axes>,
            {
                const { slides::<Self::Shape, Slides<$Kernel, O>, R>() };
                pooled::<Self, _, $Kernel, O, R>(self, $pool)
            }
        )*
    };
}

/// Convolutions and poolings of tensors, and of variables of a tape.
///
/// Stride, padding, dilation and groups are the [options](WindowOptions) of the layers; `()` for none. The shape of the result is
/// the caller's to write, and compared. A bias is added: it broadcasts as `[channels, 1, ..]`.
pub trait Windows: Numbers<Face: FloatFace> {
    convolutions! {
        /// `y(n, o, p) = Σ_c,t w(o, c, t) x(n, c, p stride + t dilation - padding)`, over one axis: `[batch, in, length]` with
        /// weights `[out, in / groups, k]`.
        conv1d 1 false;
        /// As [`conv1d`](Windows::conv1d) over two axes.
        ///
        /// ```
        /// use nanotorch::prelude::*;
        ///
        /// let images = Tensor::<R4<8, 3, 32, 32>>::normal(1);
        /// let (weight, bias) = (Tensor::<R4<16, 3, 3, 3>>::kaiming_uniform(2), Tensor::<R1<16>>::zeros());
        /// let y: Tensor<R4<8, 16, 16, 16>> = images.conv2d::<(Stride<2>, Padding<1>), _>(&weight);
        /// let y = (y + bias.reshape::<R3<16, 1, 1>>()).relu();
        /// let y: Tensor<R4<8, 16, 8, 8>> = y.max_pool2d::<2, (), _>();
        /// # let _ = y;
        /// ```
        /// Weights for other channels don't compile:
        /// ```compile_fail,E0080
        /// # use nanotorch::prelude::*;
        /// let weight = Tensor::<R4<16, 1, 3, 3>>::ones();
        /// let y: Tensor<R4<8, 16, 30, 30>> = Tensor::<R4<8, 3, 32, 32>>::ones().conv2d::<(), _>(&weight);
        /// ```
        conv2d 2 false;
        /// As [`conv1d`](Windows::conv1d) over three axes.
        conv3d 3 false;
        /// The gradient of [`conv1d`](Windows::conv1d) by its input, as an operation: `[batch, in, length]` with weights
        /// `[in, out / groups, k]`.
        conv_transpose1d 1 true;
        /// As [`conv_transpose1d`](Windows::conv_transpose1d) over two axes.
        conv_transpose2d 2 true;
        /// As [`conv_transpose1d`](Windows::conv_transpose1d) over three axes.
        conv_transpose3d 3 true;
    }
    poolings! {
        /// The largest number under a window of `K`, which moves by its length unless a stride is given.
        max_pool1d 1 <K> R1<K>, Maximum;
        /// The largest number under a window of `K` by `K`.
        max_pool2d 2 <K> R2<K, K>, Maximum;
        /// The largest number under a window of `K` by `K` by `K`.
        max_pool3d 3 <K> R3<K, K, K>, Maximum;
        /// The mean under a window of `K`, where padding counts as 0.
        avg_pool1d 1 <K> R1<K>, Mean::<true>;
        /// The mean under a window of `K` by `K`, where padding counts as 0.
        ///
        /// ```
        /// use nanotorch::{prelude::*, tensor};
        ///
        /// let x = tensor![[1.0, 2.0], [3.0, 6.0]].reshape::<R4<1, 1, 2, 2>>();
        /// let y: Tensor<R4<1, 1, 1, 1>> = x.avg_pool2d::<2, (), _>();
        /// assert_eq!(y.as_slice(), [3.0]);
        /// ```
        avg_pool2d 2 <K> R2<K, K>, Mean::<true>;
        /// The mean under a window of `K` by `K` by `K`, where padding counts as 0.
        avg_pool3d 3 <K> R3<K, K, K>, Mean::<true>;
        /// The mean of what is under a window of `K` without padding: PyTorch's `count_include_pad=False`.
        avg_pool1d_without_padding 1 <K> R1<K>, Mean::<false>;
        /// The mean of what is under a window of `K` by `K` without padding.
        avg_pool2d_without_padding 2 <K> R2<K, K>, Mean::<false>;
        /// The mean of what is under a window of `K` by `K` by `K` without padding.
        avg_pool3d_without_padding 3 <K> R3<K, K, K>, Mean::<false>;
    }

    /// The means of as many parts of each plane as the result has places: PyTorch's `adaptive_avg_pool1d` to `3d`. Parts overlap
    /// where the lengths don't divide.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    ///
    /// let x = tensor![1.0, 2.0, 3.0].reshape::<R3<1, 1, 3>>();
    /// let y: Tensor<R3<1, 1, 2>> = x.adaptive_avg_pool();
    /// assert_eq!(y.as_slice(), [1.5, 2.5]);
    /// ```
    #[must_use]
    fn adaptive_avg_pool<R: Shape>(&self) -> Of<Self, R> {
        const { parts::<Self::Shape, R>() };
        let lengths = |layout: Layout| {
            let mut last = [1; 3];
            let lengths = &layout.lengths()[2..];
            last[3 - lengths.len()..].copy_from_slice(lengths);
            last
        };
        let layout = Layout::of::<R>();
        let (input, output) = (lengths(Layout::of::<Self::Shape>()), lengths(layout));
        Self::Face::shaped(Self::Face::run(AdaptiveMeans { input, output, layout }, &[self.raw()]))
    }
}

/// Refuses more parts than there are numbers, other channels, and another number of axes.
const fn parts<S: Shape, R: Shape>() {
    check::exact::<R>();
    check::exact::<S>();
    let mut fits = S::RANK == R::RANK && S::RANK > 2 && S::RANK < 6;
    let mut axis = 0;
    while fits && axis < S::RANK {
        fits = if axis < 2 {
            S::DIMS[axis] == R::DIMS[axis]
        } else {
            0 < R::DIMS[axis] && R::DIMS[axis] <= S::DIMS[axis]
        };
        axis += 1;
    }
    if !fits {
        let takes = Text::new("makes parts of one to three axes, at most as many as there are numbers");
        check::fits(Fit::mismatch(takes, Text::EMPTY.shape::<S>().text(" for ").shape::<R>(), Text::EMPTY));
    }
}

impl<N: Numbers<Face: FloatFace> + ?Sized> Windows for N {}

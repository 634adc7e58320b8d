//! Pooling over one, two and three axes.

use core::marker::PhantomData;

use super::window::{Slid, Sliding, WindowOptions, fit, note, window};
use crate::computed::{Computed, ShapeFunction};
use crate::device::{Device, Pass};
use crate::element::Float;
use crate::kernel::pool::Pooling as Pooled;
use crate::kernel::window::Window;
use crate::layer::ArrayShape;
use crate::message::Text;
use crate::model::{Backward, Fit, Follows, Layer, Memory, Needs};
use crate::op::pool::{AdaptiveMean, Maximum, Mean, Pool, PoolBackward, PoolForward};
use crate::shape::{Axis, Dims, MAX_RANK, R1, R2, R3, Shape};

/// `y(c, p) = pool over t of x(c, p * stride + t * dilation - padding)`: what a [`Pool`] makes of the numbers under a window of
/// the shape `K`, channel by channel.
///
/// Mostly written as [`MaxPool2d`], [`AvgPool2d`] and so on; by this name with windows that aren't square. Stride (by default
/// as long as the window), padding and dilation are options, see [`WindowOptions`]. It has no parameters.
///
/// | | shape |
/// | --- | --- |
/// | input | `[channels, ..]` |
/// | output | `[channels, (in + 2 padding - dilation (k - 1) - 1)/stride + 1 ..]` |
///
/// Source: PyTorch's `torch.nn.MaxPool1d` to `MaxPool3d`, `AvgPool1d` to `AvgPool3d`.
#[crate::layer]
pub struct Pooling<F: Pool, K: ArrayShape, O: WindowOptions = (), T: Float = f32> {
    pool: PhantomData<fn() -> (F, T)>,
    window: PhantomData<fn() -> (K, O)>,
}

macro_rules! poolings {
    ($($(#[$doc:meta])* $Max:ident, $Avg:ident, $AvgOfReal:ident: $Kernel:ty;)*) => {
        $(
            $(#[$doc])*
            pub type $Max<const K: usize, O = (), T = f32> = Pooling<Maximum, $Kernel, O, T>;
            /// The mean under a window; padding counts as zeros, PyTorch's `count_include_pad=True`.
            pub type $Avg<const K: usize, O = (), T = f32> = Pooling<Mean, $Kernel, O, T>;
            /// The mean of what is under a window without padding, PyTorch's `count_include_pad=False`.
            pub type $AvgOfReal<const K: usize, O = (), T = f32> = Pooling<Mean<false>, $Kernel, O, T>;
        )*
    };
}
poolings! {
    /// The largest number under a window over one axis.
    MaxPool1d, AvgPool1d, AvgPool1dWithoutPadding: R1<K>;
    /// The largest number under a square window.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    ///
    /// #[model(input = [8, 24, 24])]
    /// pub struct Net {
    ///     pool1: MaxPool2d<2>,
    ///     pool2: MaxPool2d<3, (Stride<2>, Padding<1>)>,
    /// }
    /// assert_eq!(Net::OUTPUT, [8, 6, 6]);
    /// ```
    MaxPool2d, AvgPool2d, AvgPool2dWithoutPadding: R2<K, K>;
    /// The largest number under a cube.
    MaxPool3d, AvgPool3d, AvgPool3dWithoutPadding: R3<K, K, K>;
}

/// A pooling's geometry.
#[derive(Clone, Copy, Debug)]
pub struct PoolGeometry<K, O>(PhantomData<(K, O)>);

impl<K: ArrayShape, O: WindowOptions> Sliding for PoolGeometry<K, O> {
    type Kernel = K;
    type Options = O;
    const INPUTS: Option<usize> = None;
    const OUTPUTS: Option<usize> = None;
    const SIDE_BY_SIDE: bool = true;
}

impl<I: Shape, F: Pool, K: ArrayShape, O: WindowOptions, T: Float> Layer<I> for Pooling<F, K, O, T> {
    type Out = Computed<Slid<I, PoolGeometry<K, O>>>;
    const FIT: Fit = fit::<I, PoolGeometry<K, O>>(Text::EMPTY);
    const NOTE: Text = note::<I, PoolGeometry<K, O>>();
    const FLOPS: usize = Self::Out::LEN * K::LEN;
    const NEEDS: Needs = Needs { input: F::KEEPS, output: F::KEEPS, ..Needs::NOTHING };
    const FIRST_NEEDS: Needs = Needs::NOTHING;
    const FOLLOWS: Follows = match F::POOLING {
        Pooled::Maximum => Follows::Pools(window::<I, PoolGeometry<K, O>>()),
        Pooled::Mean { .. } => Follows::Nothing,
    };

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[T], y: &mut [T], _: Memory<'_, T>) {
        let window = const { &window::<I, PoolGeometry<K, O>>() };
        pass.device().run(PoolForward { pool: F::default(), window, rank: <K as Shape>::RANK, x, y });
    }

    #[inline(always)]
    fn backward<P: Pass>(
        &self,
        pass: &mut P,
        edges: Backward<'_, T>,
        _: Option<&mut Self>,
        _: Memory<'_, T>,
    ) {
        let window = const { &window::<I, PoolGeometry<K, O>>() };
        let Backward { x, y, dy, dx } = edges;
        if let Some(dx) = dx {
            pass.device().run(PoolBackward { pool: F::default(), window, x, y, dy, dx });
        }
    }
}

/// The means of as many parts as the shape `S` has places, channel by channel: `[channels, ..]` to `[channels, S ..]`, whatever
/// the input's lengths. Parts overlap where these don't divide.
///
/// Mostly written as [`AdaptiveAvgPool1d`], [`AdaptiveAvgPool2d`], [`AdaptiveAvgPool3d`]. Source: PyTorch's
/// `torch.nn.AdaptiveAvgPool1d` to `AdaptiveAvgPool3d`.
#[crate::layer]
pub struct AdaptivePooling<S: ArrayShape, T: Float = f32> {
    places: PhantomData<fn() -> (S, T)>,
}

/// The means of `N` parts of each channel.
pub type AdaptiveAvgPool1d<const N: usize, T = f32> = AdaptivePooling<R1<N>, T>;
/// The means of `HEIGHT` by `WIDTH` parts of each channel, the same by default.
///
/// ```
/// use nanotorch::prelude::*;
///
/// #[model(input = [8, 13, 17])]
/// pub struct Net {
///     pool: AdaptiveAvgPool2d<4>,
/// }
/// assert_eq!(Net::OUTPUT, [8, 4, 4]);
/// ```
pub type AdaptiveAvgPool2d<const HEIGHT: usize, const WIDTH: usize = HEIGHT, T = f32> =
    AdaptivePooling<R2<HEIGHT, WIDTH>, T>;
/// The means of `N` by `N` by `N` parts of each channel.
pub type AdaptiveAvgPool3d<const N: usize, T = f32> = AdaptivePooling<R3<N, N, N>, T>;

/// The input's channels with other lengths.
#[derive(Clone, Copy, Debug)]
pub struct Resized<I, S>(PhantomData<(I, S)>);

impl<I: Shape, S: Shape> ShapeFunction for Resized<I, S> {
    const RANK: usize = S::RANK + 1;
    const DIMS: Dims = {
        let mut dims = [0; MAX_RANK];
        if I::RANK == S::RANK + 1 {
            dims[0] = I::DIMS[0];
            let mut axis = 0;
            while axis < S::RANK {
                dims[axis + 1] = S::DIMS[axis];
                axis += 1;
            }
        }
        dims
    };
}

/// The lengths of the last axes, one to three, as of three.
const fn last_axes(dims: Dims, first: usize, rank: usize) -> [usize; 3] {
    let mut lengths = [1; 3];
    let mut axis = 0;
    while axis < rank && axis < 3 {
        lengths[3 - rank + axis] = dims[first + axis];
        axis += 1;
    }
    lengths
}

const fn adaptive_fit<I: Shape, S: Shape>() -> Fit {
    if I::RANK != S::RANK + 1 {
        let takes = Text::new("takes channels and ").number(S::RANK);
        let takes = takes.text(if S::RANK == 1 { " axis" } else { " axes" });
        return Fit::mismatch(takes, Text::EMPTY.shape::<I>(), Text::new("put a `Reshape` before it"));
    }
    let mut axis = 0;
    while axis < S::RANK {
        if S::DIMS[axis] > I::DIMS[axis + 1] {
            let takes = Text::new("makes ").number(S::DIMS[axis]).text(" parts along an axis");
            let given = Text::EMPTY.number(I::DIMS[axis + 1]).text(", in ").shape::<I>();
            return Fit::mismatch(takes, given, Text::new("make as many parts as there are numbers at most"));
        }
        axis += 1;
    }
    Fit::Fits
}

impl<I: Shape, S: ArrayShape, T: Float> Layer<I> for AdaptivePooling<S, T> {
    type Out = Computed<Resized<I, S>>;
    const FIT: Fit = adaptive_fit::<I, S>();
    const FLOPS: usize = I::LEN + Self::Out::LEN;
    const NEEDS: Needs = Needs::NOTHING;

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[T], y: &mut [T], _: Memory<'_, T>) {
        let input = const { last_axes(I::DIMS, 1, <S as Shape>::RANK) };
        let output = const { last_axes(<S as Shape>::DIMS, 0, <S as Shape>::RANK) };
        pass.device().run(AdaptiveMean { input, output, backward: false, from: x, to: y });
    }

    #[inline(always)]
    fn backward<P: Pass>(
        &self,
        pass: &mut P,
        edges: Backward<'_, T>,
        _: Option<&mut Self>,
        _: Memory<'_, T>,
    ) {
        if let Some(dx) = edges.dx {
            let input = const { last_axes(I::DIMS, 1, <S as Shape>::RANK) };
            let output = const { last_axes(<S as Shape>::DIMS, 0, <S as Shape>::RANK) };
            pass.device().run(AdaptiveMean { input, output, backward: true, from: edges.dy, to: dx });
        }
    }
}

/// `y(c) = pool over all p of x(c, p)`: one number a channel, `[channels, ..]` to `[channels]`, whatever the axes.
///
/// Written as [`GlobalMaxPool`] or [`GlobalAvgPool`]. Source: ONNX's `GlobalMaxPool` and `GlobalAveragePool`, without the axes
/// of length 1.
#[crate::layer]
pub struct GlobalPooling<F: Pool, T: Float = f32> {
    pool: PhantomData<fn() -> (F, T)>,
}

/// The largest number of each channel.
pub type GlobalMaxPool<T = f32> = GlobalPooling<Maximum, T>;
/// The mean of each channel.
///
/// ```
/// use nanotorch::prelude::*;
///
/// #[model(input = [8, 13, 17])]
/// pub struct Net {
///     pool: GlobalAvgPool,
///     head: Linear<8, 10>,
/// }
/// ```
pub type GlobalAvgPool<T = f32> = GlobalPooling<Mean, T>;

/// A window as large as the channel.
const fn whole<I: Shape>() -> Window {
    let channels = if I::RANK > 0 && I::DIMS[0] > 0 { I::DIMS[0] } else { 1 };
    let length = I::LEN / channels;
    let mut window = Window::over([1, 1, length]);
    (window.kernel, window.output) = ([1, 1, length], [1; 3]);
    window
}

impl<I: Shape, F: Pool, T: Float> Layer<I> for GlobalPooling<F, T> {
    type Out = (Axis<I, 0>,);
    const FIT: Fit = if I::RANK > 1 {
        Fit::Fits
    } else {
        Fit::mismatch(Text::new("takes channels and at least 1 axis"), Text::EMPTY.shape::<I>(), Text::EMPTY)
    };
    const FLOPS: usize = I::LEN;
    const NEEDS: Needs = Needs { input: F::KEEPS, output: F::KEEPS, ..Needs::NOTHING };
    const FIRST_NEEDS: Needs = Needs::NOTHING;

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[T], y: &mut [T], _: Memory<'_, T>) {
        pass.device().run(PoolForward { pool: F::default(), window: const { &whole::<I>() }, rank: 1, x, y });
    }

    #[inline(always)]
    fn backward<P: Pass>(
        &self,
        pass: &mut P,
        edges: Backward<'_, T>,
        _: Option<&mut Self>,
        _: Memory<'_, T>,
    ) {
        let Backward { x, y, dy, dx } = edges;
        if let Some(dx) = dx {
            let window = const { &whole::<I>() };
            pass.device().run(PoolBackward { pool: F::default(), window, x, y, dy, dx });
        }
    }
}

//! Layers that give images other lengths: upsampling, pixel shuffle, padding.

use core::marker::PhantomData;

use super::window::AS_FIRST;
use crate::computed::{Computed, ShapeFunction};
use crate::device::{Device, Pass};
use crate::element::Float;
use crate::message::Text;
use crate::model::{Backward, Fit, Layer, Memory, Needs};
use crate::op::resample::{LinearMap, MapLinearly};
use crate::shape::{Dims, MAX_RANK, Shape};

/// A way of giving images other lengths, whatever their shape.
pub trait Resampling: Copy + Send + Sync + 'static {
    /// What it does with images of the shape `I`.
    type On<I: Shape>: LinearMap + ShapeFunction + Fits;
}

/// Whether an image of the shape at hand makes sense.
pub trait Fits {
    /// The answer.
    const FIT: Fit;
}

/// `y = A x`, for a [`Resampling`]. It has no parameters.
///
/// Written as [`Upsample`], [`PixelShuffle`], [`ZeroPad2d`].
#[crate::layer]
pub struct Resampled<R: Resampling, T: Float = f32> {
    resampling: PhantomData<fn() -> (R, T)>,
}

impl<I: Shape, R: Resampling, T: Float> Layer<I> for Resampled<R, T> {
    type Out = Computed<R::On<I>>;
    const FIT: Fit = R::On::<I>::FIT;
    const FLOPS: usize = 0;
    const NEEDS: Needs = Needs::NOTHING;

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[T], y: &mut [T], _: Memory<'_, T>) {
        pass.device().run(MapLinearly::<R::On<I>, T>::forward(x, y));
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
            pass.device().run(MapLinearly::<R::On<I>, T>::backward(edges.dy, dx));
        }
    }
}

/// The map of `R` for images of the shape `I`.
#[derive(Clone, Copy, Debug)]
pub struct MapOf<R, I>(PhantomData<(R, I)>);

/// A shape of channels, height and width.
const fn fit_of_images<I: Shape>() -> Fit {
    if I::RANK == 3 {
        return Fit::Fits;
    }
    let takes = Text::new("takes [channels, height, width]");
    Fit::mismatch(takes, Text::EMPTY.shape::<I>(), Text::new("put a `Reshape` before it"))
}

/// `[channels, height, width]` if the input has such a shape; else nothing.
const fn image<I: Shape>(channels: usize, height: usize, width: usize) -> Dims {
    let mut dims = [0; MAX_RANK];
    if I::RANK == 3 {
        [dims[0], dims[1], dims[2]] = [channels, height, width];
    }
    dims
}

/// How [`Upsample`] makes new numbers.
pub trait Interpolation: Copy + Send + Sync + 'static {
    /// ONNX's name for it.
    const NAME: &'static str;
    /// The two neighbours that the number `at` of `length * scale` is made of, and the share of the second.
    fn neighbours(at: usize, length: usize, scale: usize) -> ([usize; 2], f64);
}

/// The nearest number, again.
#[derive(Clone, Copy, Debug)]
pub struct Nearest;

impl Interpolation for Nearest {
    const NAME: &'static str = "Resize";
    fn neighbours(at: usize, _: usize, scale: usize) -> ([usize; 2], f64) {
        ([at / scale; 2], 0.0)
    }
}

/// A mean of the four nearest numbers, weighted by how near they are; PyTorch's `mode='bilinear'`, `align_corners=False`.
#[derive(Clone, Copy, Debug)]
pub struct Bilinear;

impl Interpolation for Bilinear {
    const NAME: &'static str = "Resize";
    fn neighbours(at: usize, length: usize, scale: usize) -> ([usize; 2], f64) {
        let position = ((at as f64 + 0.5) / scale as f64 - 0.5).max(0.0);
        let first = position as usize;
        ([first, (first + 1).min(length - 1)], position - first as f64)
    }
}

/// [`Upsample`] as a [`Resampling`].
#[derive(Clone, Copy, Debug)]
pub struct Enlarge<const SCALE: usize, M>(PhantomData<M>);

/// `SCALE` times as many rows and columns: `[channels, height, width]` to `[channels, SCALE height, SCALE width]`.
///
/// ```
/// use nanotorch::prelude::*;
///
/// #[model(input = [8, 7, 7])]
/// pub struct Decoder {
///     up: Upsample<2, Bilinear>,
///     conv: Conv2d<8, 4, 3, Same>,
///     again: Upsample<2>,
/// }
/// assert_eq!(Decoder::OUTPUT, [4, 28, 28]);
/// ```
/// Source: PyTorch's `torch.nn.Upsample`.
pub type Upsample<const SCALE: usize, M = Nearest, T = f32> = Resampled<Enlarge<SCALE, M>, T>;

impl<const SCALE: usize, M: Interpolation> Resampling for Enlarge<SCALE, M> {
    type On<I: Shape> = MapOf<Self, I>;
}

impl<const SCALE: usize, M: Interpolation, I: Shape> ShapeFunction for MapOf<Enlarge<SCALE, M>, I> {
    const RANK: usize = 3;
    const DIMS: Dims = image::<I>(I::DIMS[0], SCALE * I::DIMS[1], SCALE * I::DIMS[2]);
}

impl<const SCALE: usize, M: Interpolation, I: Shape> Fits for MapOf<Enlarge<SCALE, M>, I> {
    const FIT: Fit = fit_of_images::<I>();
}

impl<const SCALE: usize, M: Interpolation, I: Shape> LinearMap for MapOf<Enlarge<SCALE, M>, I> {
    const NAME: &'static str = M::NAME;
    const INPUTS: usize = I::LEN;
    const OUTPUTS: usize = SCALE * SCALE * I::LEN;
    fn for_each(mut entry: impl FnMut(usize, usize, f64)) {
        let [channels, height, width, ..] = I::DIMS;
        for channel in 0..channels {
            for row in 0..SCALE * height {
                let (rows, below) = M::neighbours(row, height, SCALE);
                for column in 0..SCALE * width {
                    let (columns, right) = M::neighbours(column, width, SCALE);
                    let output = (channel * SCALE * height + row) * SCALE * width + column;
                    for (row, vertical) in rows.into_iter().zip([1.0 - below, below]) {
                        for (column, horizontal) in columns.into_iter().zip([1.0 - right, right]) {
                            if vertical * horizontal > 0.0 {
                                let input = (channel * height + row) * width + column;
                                entry(input, output, vertical * horizontal);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// [`PixelShuffle`] as a [`Resampling`].
#[derive(Clone, Copy, Debug)]
pub struct Shuffle<const SCALE: usize>;

/// Channels become pixels: `[channels SCALE², height, width]` to `[channels, SCALE height, SCALE width]`.
///
/// Source: Shi et al., 2016; PyTorch's `torch.nn.PixelShuffle`.
pub type PixelShuffle<const SCALE: usize, T = f32> = Resampled<Shuffle<SCALE>, T>;

impl<const SCALE: usize> Resampling for Shuffle<SCALE> {
    type On<I: Shape> = MapOf<Self, I>;
}

impl<const SCALE: usize, I: Shape> ShapeFunction for MapOf<Shuffle<SCALE>, I> {
    const RANK: usize = 3;
    const DIMS: Dims = match I::DIMS[0].checked_div(SCALE * SCALE) {
        Some(channels) => image::<I>(channels, SCALE * I::DIMS[1], SCALE * I::DIMS[2]),
        None => [0; MAX_RANK],
    };
}

impl<const SCALE: usize, I: Shape> Fits for MapOf<Shuffle<SCALE>, I> {
    const FIT: Fit = if I::RANK == 3 && !I::DIMS[0].is_multiple_of(SCALE * SCALE) {
        let takes = Text::new("takes a multiple of ").number(SCALE * SCALE).text(" channels");
        Fit::mismatch(takes, Text::EMPTY.number(I::DIMS[0]).text(", the first of ").shape::<I>(), Text::EMPTY)
    } else {
        fit_of_images::<I>()
    };
}

impl<const SCALE: usize, I: Shape> LinearMap for MapOf<Shuffle<SCALE>, I> {
    const NAME: &'static str = "DepthToSpace";
    const INPUTS: usize = I::LEN;
    const OUTPUTS: usize = I::LEN;
    fn for_each(mut entry: impl FnMut(usize, usize, f64)) {
        let [channels, height, width, ..] = I::DIMS;
        for channel in 0..channels {
            let (target, part) = (channel / (SCALE * SCALE), channel % (SCALE * SCALE));
            for row in 0..height {
                for column in 0..width {
                    let line = (target * height + row) * SCALE + part / SCALE;
                    let output = (line * width + column) * SCALE + part % SCALE;
                    entry((channel * height + row) * width + column, output, 1.0);
                }
            }
        }
    }
}

/// [`ZeroPad2d`] as a [`Resampling`].
#[derive(Clone, Copy, Debug)]
pub struct Zeros2d<const LEFT: usize, const RIGHT: usize, const TOP: usize, const BOTTOM: usize>;

/// Zeros around an image: so many on all sides, or on the left, right, top and bottom, in this order as in PyTorch.
///
/// ```
/// use nanotorch::prelude::*;
///
/// #[model(input = [1, 28, 28])]
/// pub struct Net {
///     around: ZeroPad2d<2>,
///     below: ZeroPad2d<0, 0, 0, 1>,
/// }
/// assert_eq!(Net::OUTPUT, [1, 33, 32]);
/// ```
/// Source: PyTorch's `torch.nn.ZeroPad2d`.
pub type ZeroPad2d<
    const LEFT: usize,
    const RIGHT: usize = AS_FIRST,
    const TOP: usize = AS_FIRST,
    const BOTTOM: usize = AS_FIRST,
    T = f32,
> = Resampled<Zeros2d<LEFT, RIGHT, TOP, BOTTOM>, T>;

impl<const LEFT: usize, const RIGHT: usize, const TOP: usize, const BOTTOM: usize>
    Zeros2d<LEFT, RIGHT, TOP, BOTTOM>
{
    /// Left, right, top, bottom.
    const SIDES: [usize; 4] = {
        let mut sides = [LEFT, RIGHT, TOP, BOTTOM];
        let mut side = 1;
        while side < 4 {
            if sides[side] == AS_FIRST {
                sides[side] = LEFT;
            }
            side += 1;
        }
        sides
    };
}

impl<const LEFT: usize, const RIGHT: usize, const TOP: usize, const BOTTOM: usize> Resampling
    for Zeros2d<LEFT, RIGHT, TOP, BOTTOM>
{
    type On<I: Shape> = MapOf<Self, I>;
}

impl<const LEFT: usize, const RIGHT: usize, const TOP: usize, const BOTTOM: usize, I: Shape> ShapeFunction
    for MapOf<Zeros2d<LEFT, RIGHT, TOP, BOTTOM>, I>
{
    const RANK: usize = 3;
    const DIMS: Dims = {
        let [left, right, top, bottom] = Zeros2d::<LEFT, RIGHT, TOP, BOTTOM>::SIDES;
        image::<I>(I::DIMS[0], top + I::DIMS[1] + bottom, left + I::DIMS[2] + right)
    };
}

impl<const LEFT: usize, const RIGHT: usize, const TOP: usize, const BOTTOM: usize, I: Shape> Fits
    for MapOf<Zeros2d<LEFT, RIGHT, TOP, BOTTOM>, I>
{
    const FIT: Fit = fit_of_images::<I>();
}

impl<const LEFT: usize, const RIGHT: usize, const TOP: usize, const BOTTOM: usize, I: Shape> LinearMap
    for MapOf<Zeros2d<LEFT, RIGHT, TOP, BOTTOM>, I>
{
    const NAME: &'static str = "Pad";
    const INPUTS: usize = I::LEN;
    const OUTPUTS: usize = {
        let dims = <Self as ShapeFunction>::DIMS;
        dims[0] * dims[1] * dims[2]
    };
    fn for_each(mut entry: impl FnMut(usize, usize, f64)) {
        let ([channels, height, width, ..], [_, rows, columns, ..]) =
            (I::DIMS, <Self as ShapeFunction>::DIMS);
        let [left, _, top, _] = Zeros2d::<LEFT, RIGHT, TOP, BOTTOM>::SIDES;
        for channel in 0..channels {
            for row in 0..height {
                for column in 0..width {
                    let output = (channel * rows + row + top) * columns + column + left;
                    entry((channel * height + row) * width + column, output, 1.0);
                }
            }
        }
    }
}

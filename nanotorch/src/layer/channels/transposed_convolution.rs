//! Transposed convolutions over one, two and three axes.

use super::convolution::{
    BiasOf, ChannelsOf, Geometry, groups, groups_fit, has_options, larger, needs, size, with_inputs,
};
use super::window::{ChannelOption, Slid, WindowOptions, begin_within, fit};
use crate::computed::Computed;
use crate::device::{Device, Pass};
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::window::volume;
use crate::layer::{ArrayShape, BiasOption};
use crate::model::{Backward, Fit, Following, Initialize, Layer, Leads, Memory, Needs, Parameters};
use crate::op::convolution::{
    ChannelSums, ConvolutionFinished, ConvolutionForward, ConvolutionInputGradient, ConvolutionWeightGradient,
};
use crate::op::formula::Formulas;
use crate::random::Random;
use crate::shape::{R1, R2, R3, Shape};

/// The gradient by the input of a [`Convolution`](super::Convolution) from `OUT` to `IN` channels, as a layer: each number of the input is spread
/// over a window of the output.
///
/// Mostly written as [`ConvTranspose1d`], [`ConvTranspose2d`], [`ConvTranspose3d`].
///
/// | | shape |
/// | --- | --- |
/// | input | `[IN, ..]` |
/// | output | `[OUT, (in - 1) stride - 2 padding + dilation (k - 1) + output_padding + 1 ..]` |
/// | `weight` | `[IN, OUT / groups, k ..]` |
/// | `bias` | `[OUT]` |
///
/// Of `Groups<4, 8>` the 8 are output channels here. Both begin uniformly in `±1/√n` for `n = OUT / groups * k ..`, as in PyTorch.
///
/// Source: PyTorch's `torch.nn.ConvTranspose1d`, `ConvTranspose2d`, `ConvTranspose3d`.
#[crate::layer]
pub struct TransposedConvolution<
    const IN: usize,
    const OUT: usize,
    K: ArrayShape,
    O: WindowOptions = (),
    T: Float = f32,
> {
    /// The weights, `[IN, OUT / groups, k ..]`.
    pub weight: [<ChannelsOf<O> as ChannelOption>::Kernels<K::Array<T>, OUT>; IN],
    /// The bias, `[OUT]`.
    pub bias: <BiasOf<O> as BiasOption>::Numbers<OUT, T>,
}

/// A [`TransposedConvolution`] over one axis.
pub type ConvTranspose1d<const IN: usize, const OUT: usize, const K: usize, O = (), T = f32> =
    TransposedConvolution<IN, OUT, R1<K>, O, T>;

/// A [`TransposedConvolution`] over two axes with a square window.
///
/// ```
/// use nanotorch::prelude::*;
///
/// #[model(input = [16, 7, 7])]
/// pub struct Decoder {
///     up: ConvTranspose2d<16, 8, 3, (Stride<2>, Padding<1>, OutputPadding<1>)>,
/// }
/// assert_eq!(Decoder::OUTPUT, [8, 14, 14]);
/// ```
pub type ConvTranspose2d<const IN: usize, const OUT: usize, const K: usize, O = (), T = f32> =
    TransposedConvolution<IN, OUT, R2<K, K>, O, T>;

/// A [`TransposedConvolution`] over three axes with a cube as its window.
pub type ConvTranspose3d<const IN: usize, const OUT: usize, const K: usize, O = (), T = f32> =
    TransposedConvolution<IN, OUT, R3<K, K, K>, O, T>;

impl<const IN: usize, const OUT: usize, K: ArrayShape, O: WindowOptions, T: Float> Initialize
    for TransposedConvolution<IN, OUT, K, O, T>
{
    fn initialize(&mut self, random: &mut Random) {
        let numbers = groups::<O>(OUT).1 * K::LEN;
        begin_within(self.weight.values_mut(), numbers, random);
        begin_within(self.bias.values_mut(), numbers, random);
    }
}

impl<I: Shape, const IN: usize, const OUT: usize, K: ArrayShape, O: WindowOptions, T: Float> Layer<I>
    for TransposedConvolution<IN, OUT, K, O, T>
{
    type Out = Computed<Slid<I, Geometry<IN, OUT, K, O, true>>>;
    const FIT: Fit = groups_fit::<O>(OUT, IN, " output").and(fit::<I, Geometry<IN, OUT, K, O, true>>(
        with_inputs::<K>("ConvTranspose", I::DIMS[0], OUT, has_options::<O>()),
    ));
    const FLOPS: usize = {
        let size = size::<I, IN, OUT, K, O, true>();
        size.flops() + if <BiasOf<O> as BiasOption>::SOME { size.input_length() } else { 0 }
    };
    const NEEDS: Needs = {
        let size = size::<I, IN, OUT, K, O, true>();
        let backward = larger(size.forward_workspace(), size.weight_gradient_workspace());
        needs(larger(size.input_gradient_workspace(), backward))
    };
    const FIRST_NEEDS: Needs = {
        let size = size::<I, IN, OUT, K, O, true>();
        needs(larger(size.input_gradient_workspace(), size.weight_gradient_workspace()))
    };
    const LEADS: Leads = Leads { channels: OUT, scaled_only: false, pools: None };
    const FORMULAS: Formulas = Formulas {
        value: if <BiasOf<O> as BiasOption>::SOME {
            &["{0} ⋆ᵀ {self}.weight + {self}.bias"]
        } else {
            &["{0} ⋆ᵀ {self}.weight"]
        },
        edges: &[&["{dy} ⋆ {self}.weight"]],
        parameters: if <BiasOf<O> as BiasOption>::SOME {
            &[("weight", &["{dy} ⋆ {0}"]), ("bias", &["sum of {dy} over all but the channels"])]
        } else {
            &[("weight", &["{dy} ⋆ {0}"])]
        },
    };

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[T], y: &mut [T], memory: Memory<'_, T>) {
        let (size, rows) = (const { &size::<I, IN, OUT, K, O, true>() }, pass.rows().get());
        let (weight, bias, workspace) = (self.weight.values(), self.bias.values(), memory.workspace);
        let rank = <K as Shape>::RANK;
        pass.device().run(ConvolutionInputGradient {
            size,
            rank,
            rows,
            dy: x,
            weight,
            bias,
            dx: y,
            workspace,
        });
    }

    #[inline(always)]
    fn forward_followed<P: Pass>(
        &self,
        pass: &mut P,
        x: &[T],
        y: &mut [T],
        following: Following<'_, T>,
        memory: Memory<'_, T>,
    ) {
        let (size, rows) = (const { &size::<I, IN, OUT, K, O, true>() }, pass.rows().get());
        let (weight, finish, workspace) =
            (self.weight.values(), following.with_bias(self.bias.values()), memory.workspace);
        let transposed = true;
        let pool = None;
        pass.device().run(ConvolutionFinished {
            size,
            transposed,
            rows,
            x,
            weight,
            finish,
            pool,
            y,
            workspace,
        });
    }

    #[inline(always)]
    fn backward<P: Pass>(
        &self,
        pass: &mut P,
        edges: Backward<'_, T>,
        gradient: Option<&mut Self>,
        memory: Memory<'_, T>,
    ) {
        let (size, rows) = (const { &size::<I, IN, OUT, K, O, true>() }, pass.rows().get());
        let Backward { x, dy, dx, .. } = edges;
        if let Some(gradient) = gradient {
            // What goes into the convolution that this one reverses is its output.
            let (accumulate, workspace) = (pass.accumulate(), &mut *memory.workspace);
            let weight = gradient.weight.values_mut();
            let (into, from, bias) = (&*dy, x, [].as_mut_slice());
            pass.device().run(ConvolutionWeightGradient {
                size,
                rows,
                x: into,
                dy: from,
                weight,
                bias,
                accumulate,
                workspace,
            });
            if <BiasOf<O> as BiasOption>::SOME {
                let (length, sums) = (volume(size.window.input), gradient.bias.values_mut());
                pass.device().run(ChannelSums { x: dy, length, sums, accumulate });
            }
        }
        if let Some(dx) = dx {
            let (weight, bias, workspace) = (self.weight.values(), [].as_slice(), memory.workspace);
            let rank = <K as Shape>::RANK;
            pass.device().run(ConvolutionForward { size, rank, rows, x: dy, weight, bias, y: dx, workspace });
        }
    }
}

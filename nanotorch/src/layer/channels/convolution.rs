//! Convolutions over one, two and three axes.

use core::marker::PhantomData;

use super::window::{ChannelOption, Slid, Sliding, Whole, WindowOptions, begin_within, fit, note, window};
use crate::computed::Computed;
use crate::device::{Device, Pass};
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::convolution as kernel;
use crate::layer::{ArrayShape, Bias, BiasOption};
use crate::message::Text;
use crate::model::{Backward, Fit, Following, Initialize, Layer, Leads, Memory, Needs, Parameters};
use crate::op::convolution::{
    ConvolutionFinished, ConvolutionForward, ConvolutionInputGradient, ConvolutionWeightGradient,
};
use crate::op::formula::Formulas;
use crate::random::Random;
use crate::shape::{R1, R2, R3, Shape};

/// How the channels of options `O` are grouped.
pub(super) type ChannelsOf<O> = <O as WindowOptions>::Channels<Whole>;
/// The bias of options `O`.
pub(super) type BiasOf<O> = <O as WindowOptions>::Bias<Bias>;

/// `y(o, p) = b(o) + Σ_c,t w(o, c, t) x(c, p * stride + t * dilation - padding)`: `OUT` channels from `IN`, with a window of the
/// shape `K`.
///
/// Mostly written as [`Conv1d`], [`Conv2d`], [`Conv3d`]; by this name with windows that aren't square:
/// `Convolution<1, 8, R2<3, 5>>`. Stride, padding, dilation, groups and the lack of a bias are options, see [`WindowOptions`].
///
/// | | shape |
/// | --- | --- |
/// | input | `[IN, ..]` |
/// | output | `[OUT, (in + 2 padding - dilation (k - 1) - 1)/stride + 1 ..]` |
/// | `weight` | `[OUT, IN / groups, k ..]` |
/// | `bias` | `[OUT]` |
///
/// Both begin uniformly in `±1/√n` for the `n = IN / groups * k ..` numbers that an output is made of, as in PyTorch.
///
/// Source: PyTorch's `torch.nn.Conv1d`, `Conv2d`, `Conv3d`.
#[crate::layer]
pub struct Convolution<
    const IN: usize,
    const OUT: usize,
    K: ArrayShape,
    O: WindowOptions = (),
    T: Float = f32,
> {
    /// The weights, `[OUT, IN / groups, k ..]`.
    pub weight: [<ChannelsOf<O> as ChannelOption>::Kernels<K::Array<T>, IN>; OUT],
    /// The bias, `[OUT]`.
    pub bias: <BiasOf<O> as BiasOption>::Numbers<OUT, T>,
}

/// A [`Convolution`] over one axis, `[IN, length]` to `[OUT, places]`.
///
/// ```
/// use nanotorch::prelude::*;
///
/// #[model(input = [1, 100])]
/// pub struct Filter {
///     conv: Conv1d<1, 4, 9, Padding<4>>,
/// }
/// assert_eq!(Filter::OUTPUT, [4, 100]);
/// ```
pub type Conv1d<const IN: usize, const OUT: usize, const K: usize, O = (), T = f32> =
    Convolution<IN, OUT, R1<K>, O, T>;

/// A [`Convolution`] over two axes with a square window, `[IN, height, width]` to `[OUT, places, places]`.
///
/// ```
/// use nanotorch::prelude::*;
///
/// #[model(input = [1, 28, 28])]
/// pub struct Net {
///     conv1: Conv2d<1, 8, 5>,
///     relu1: Relu,
///     conv2: Conv2d<8, 16, 3, (Stride<2>, Padding<1>, NoBias)>,
/// }
/// assert_eq!(Net::OUTPUT, [16, 12, 12]);
/// ```
pub type Conv2d<const IN: usize, const OUT: usize, const K: usize, O = (), T = f32> =
    Convolution<IN, OUT, R2<K, K>, O, T>;

/// A [`Convolution`] over three axes with a cube as its window, `[IN, depth, height, width]` to `[OUT, places ..]`.
pub type Conv3d<const IN: usize, const OUT: usize, const K: usize, O = (), T = f32> =
    Convolution<IN, OUT, R3<K, K, K>, O, T>;

/// A convolution's geometry.
#[derive(Clone, Copy, Debug)]
pub struct Geometry<const IN: usize, const OUT: usize, K, O, const TRANSPOSED: bool>(PhantomData<(K, O)>);

impl<const IN: usize, const OUT: usize, K, O, const TRANSPOSED: bool> Sliding
    for Geometry<IN, OUT, K, O, TRANSPOSED>
where
    K: ArrayShape,
    O: WindowOptions + Copy,
{
    type Kernel = K;
    type Options = O;
    const INPUTS: Option<usize> = Some(IN);
    const OUTPUTS: Option<usize> = Some(OUT);
    const SIDE_BY_SIDE: bool = false;
    const TRANSPOSED: bool = TRANSPOSED;
}

/// Groups, and how many of the `grouped` channels, that weights have an axis for, are in each.
pub(super) const fn groups<O: WindowOptions>(grouped: usize) -> (usize, usize) {
    let groups = match ChannelsOf::<O>::GROUPS {
        Some(groups) => groups,
        None => grouped,
    };
    match ChannelsOf::<O>::CHANNELS {
        Some(channels) => (groups, channels),
        None => (groups, grouped),
    }
}

/// All sizes of a convolution from `IN` to `OUT` channels, or of the one that a transposed convolution reverses.
pub(super) const fn size<I, const IN: usize, const OUT: usize, K, O, const TRANSPOSED: bool>()
-> kernel::Convolution
where
    I: Shape,
    K: ArrayShape,
    O: WindowOptions,
{
    let (grouped, others) = if TRANSPOSED { (OUT, IN) } else { (IN, OUT) };
    let (groups, inputs) = groups::<O>(grouped);
    let outputs = match others.checked_div(groups) {
        Some(outputs) => outputs,
        None => 0,
    };
    let window = window::<I, Geometry<IN, OUT, K, O, TRANSPOSED>>();
    kernel::Convolution::new(window, groups, inputs, outputs)
}

/// Whether the channels can be grouped as the options say.
pub(super) const fn groups_fit<O: WindowOptions>(grouped: usize, others: usize, axis: &str) -> Fit {
    let (groups, channels) = groups::<O>(grouped);
    if groups * channels != grouped {
        let wrong = Text::new("groups ").number(grouped).text(axis).text(" channels as ").number(groups);
        let wrong = wrong.text(" x ").number(channels).text(" = ").number(groups * channels);
        let fix = if groups > 0 && grouped.is_multiple_of(groups) {
            let fix = Text::new("write `Groups<").number(groups).text(", ");
            fix.number(grouped / groups).text(">`")
        } else {
            Text::new("groups have equal numbers of channels")
        };
        return Fit::mismatch(wrong, Text::EMPTY, fix);
    }
    if !others.is_multiple_of(groups) {
        let wrong = Text::new("shares out ").number(others).text(" channels among ").number(groups);
        let wrong = wrong.text(" groups, which leaves ").number(others % groups);
        return Fit::mismatch(wrong, Text::EMPTY, Text::new("groups have equal numbers of channels"));
    }
    Fit::Fits
}

/// The layer with another number of input channels, as it would be written.
pub(super) const fn with_inputs<K: ArrayShape>(
    name: &str,
    inputs: usize,
    outputs: usize,
    has_options: bool,
) -> Text {
    let rank = <K as Shape>::RANK;
    let dims = <K as Shape>::DIMS;
    let mut is_square = true;
    let mut axis = 1;
    while axis < rank {
        is_square = is_square && dims[axis] == dims[0];
        axis += 1;
    }
    let fix = Text::new("write `");
    let fix = if is_square { fix.text(name).number(rank).text("d<") } else { fix.text("Convolution<") };
    let fix = fix.number(inputs).text(", ").number(outputs).text(", ");
    let fix = if is_square { fix.number(dims[0]) } else { fix.text("R").number(rank).text("<..>") };
    fix.text(if has_options { ", ..>`" } else { ">`" })
}

pub(super) const fn has_options<O: WindowOptions>() -> bool {
    let settings = O::SETTINGS;
    settings.stride.is_some()
        || settings.padding.is_some()
        || settings.dilation.is_some()
        || settings.output_padding.is_some()
        || !<BiasOf<O> as BiasOption>::SOME
        || !matches!(ChannelsOf::<O>::GROUPS, Some(1))
}

/// What a convolution keeps and needs: its input, where the weights are trained.
pub(super) const fn needs(workspace: usize) -> Needs {
    Needs { input: true, input_for_parameters: true, workspace, ..Needs::NOTHING }
}

pub(super) const fn larger(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

impl<const IN: usize, const OUT: usize, K: ArrayShape, O: WindowOptions, T: Float> Initialize
    for Convolution<IN, OUT, K, O, T>
{
    fn initialize(&mut self, random: &mut Random) {
        let numbers = groups::<O>(IN).1 * K::LEN;
        begin_within(self.weight.values_mut(), numbers, random);
        begin_within(self.bias.values_mut(), numbers, random);
    }
}

impl<I: Shape, const IN: usize, const OUT: usize, K: ArrayShape, O: WindowOptions, T: Float> Layer<I>
    for Convolution<IN, OUT, K, O, T>
{
    type Out = Computed<Slid<I, Geometry<IN, OUT, K, O, false>>>;
    const FIT: Fit = groups_fit::<O>(IN, OUT, " input").and(fit::<I, Geometry<IN, OUT, K, O, false>>(
        with_inputs::<K>("Conv", I::DIMS[0], OUT, has_options::<O>()),
    ));
    const NOTE: Text = note::<I, Geometry<IN, OUT, K, O, false>>();
    const FLOPS: usize = {
        let size = size::<I, IN, OUT, K, O, false>();
        size.flops() + if <BiasOf<O> as BiasOption>::SOME { size.output_length() } else { 0 }
    };
    const NEEDS: Needs = {
        let size = size::<I, IN, OUT, K, O, false>();
        let backward = larger(size.input_gradient_workspace(), size.weight_gradient_workspace());
        needs(larger(size.forward_workspace(), backward))
    };
    const FIRST_NEEDS: Needs = {
        let size = size::<I, IN, OUT, K, O, false>();
        needs(larger(size.forward_workspace(), size.weight_gradient_workspace()))
    };
    const LEADS: Leads =
        Leads { channels: OUT, scaled_only: false, pools: Some(size::<I, IN, OUT, K, O, false>()) };
    const FORMULAS: Formulas = Formulas {
        value: if <BiasOf<O> as BiasOption>::SOME {
            &["{0} ⋆ {self}.weight + {self}.bias"]
        } else {
            &["{0} ⋆ {self}.weight"]
        },
        edges: &[&["{dy} ⋆ᵀ {self}.weight"]],
        parameters: if <BiasOf<O> as BiasOption>::SOME {
            &[("weight", &["{0} ⋆ {dy}"]), ("bias", &["sum of {dy} over all but the channels"])]
        } else {
            &[("weight", &["{0} ⋆ {dy}"])]
        },
    };

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[T], y: &mut [T], memory: Memory<'_, T>) {
        let (size, rows) = (const { &size::<I, IN, OUT, K, O, false>() }, pass.rows().get());
        let (weight, bias, workspace) = (self.weight.values(), self.bias.values(), memory.workspace);
        let rank = <K as Shape>::RANK;
        pass.device().run(ConvolutionForward { size, rank, rows, x, weight, bias, y, workspace });
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
        let (size, rows) = (const { &size::<I, IN, OUT, K, O, false>() }, pass.rows().get());
        let (weight, pool) = (self.weight.values(), following.pool);
        let (finish, workspace) = (following.with_bias(self.bias.values()), memory.workspace);
        let transposed = false;
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
        let (size, rows) = (const { &size::<I, IN, OUT, K, O, false>() }, pass.rows().get());
        let Backward { x, dy, dx, .. } = edges;
        if let Some(gradient) = gradient {
            let accumulate = pass.accumulate();
            let (weight, bias) = (gradient.weight.values_mut(), gradient.bias.values_mut());
            let workspace = &mut *memory.workspace;
            let kernel = ConvolutionWeightGradient { size, rows, x, dy, weight, bias, accumulate, workspace };
            pass.device().run(kernel);
        }
        if let Some(dx) = dx {
            let (weight, bias, workspace) = (self.weight.values(), [].as_slice(), memory.workspace);
            let rank = <K as Shape>::RANK;
            pass.device().run(ConvolutionInputGradient { size, rank, rows, dy, weight, bias, dx, workspace });
        }
    }
}

//! How a window slides: what convolutions and poolings have in common, in types, with the arithmetic of their messages.

use core::marker::PhantomData;

use crate::computed::ShapeFunction;
use crate::element::Float;
use crate::kernel::window::{Window, places};
use crate::layer::{Bias, BiasOption, NoBias};
use crate::message::Text;
use crate::model::{Fit, Parameters};
use crate::shape::{Dims, MAX_RANK, Shape};

/// A length that is as that of the first axis.
pub const AS_FIRST: usize = usize::MAX;

/// How the input is continued where the window leaves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padded {
    /// By so many zeros on either side of each axis.
    By([usize; 3]),
    /// By so many that the output is as long as the input.
    Same,
}

/// What the options of a layer say, as far as they say anything.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How far the window moves.
    pub stride: Option<[usize; 3]>,
    /// How the input is continued.
    pub padding: Option<Padded>,
    /// How far apart the numbers are that the window takes.
    pub dilation: Option<[usize; 3]>,
    /// Numbers that a transposed convolution adds at the end.
    pub output_padding: Option<[usize; 3]>,
}

impl Settings {
    /// Nothing is said.
    pub const NONE: Settings = Settings { stride: None, padding: None, dilation: None, output_padding: None };

    /// What is said by this, and where this says nothing, by `other`.
    #[inline]
    const fn or(self, other: Settings) -> Settings {
        Settings {
            stride: if self.stride.is_some() { self.stride } else { other.stride },
            padding: if self.padding.is_some() { self.padding } else { other.padding },
            dilation: if self.dilation.is_some() { self.dilation } else { other.dilation },
            output_padding: if self.output_padding.is_some() {
                self.output_padding
            } else {
                other.output_padding
            },
        }
    }
}

/// The options of a layer with a window: one of [`Stride`], [`Padding`], [`Same`], [`Dilation`], [`Groups`], [`Depthwise`],
/// [`NoBias`], [`OutputPadding`], or a tuple of some, in any order.
///
/// ```
/// use nanotorch::prelude::*;
///
/// #[model(input = [3, 32, 32])]
/// pub struct Net {
///     conv1: Conv2d<3, 16, 7, (Stride<2>, Padding<3>, NoBias)>,
///     relu1: Relu,
///     conv2: Conv2d<16, 16, 3, (Same, Depthwise)>,
///     pool: MaxPool2d<3, (Stride<2>, Padding<1>)>,
/// }
/// assert_eq!(Net::OUTPUT, [16, 8, 8]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no option of a layer with a window",
    note = "options are `Stride<2>`, `Padding<1>`, `Same`, `Dilation<2>`, `Groups<4, 8>`, `Depthwise`, `NoBias`, or a tuple of some: `(Stride<2>, Padding<1>)`"
)]
pub trait WindowOptions: Copy + Send + Sync + 'static {
    /// What they say about lengths.
    const SETTINGS: Settings = Settings::NONE;
    /// Whether they say that there is no bias, or leave it as `B`.
    type Bias<B: BiasOption>: BiasOption;
    /// How they group channels, or leave it as `C`.
    type Channels<C: ChannelOption>: ChannelOption;
}

/// How the channels of a convolution are grouped.
pub trait ChannelOption: Send + Sync + 'static {
    /// A kernel for each of the `IN` channels that an output channel sees.
    type Kernels<P: Parameters, const IN: usize>: Parameters<Element = P::Element>;
    /// The number of groups; `None` for as many as channels.
    const GROUPS: Option<usize>;
    /// Channels in each; `None` for all.
    const CHANNELS: Option<usize>;
}

macro_rules! setting {
    ($(#[$doc:meta])* $Name:ident<$first:ident>, $field:ident: $make:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $Name<const $first: usize, const SECOND: usize = AS_FIRST, const THIRD: usize = AS_FIRST>;

        impl<const $first: usize, const SECOND: usize, const THIRD: usize> WindowOptions
            for $Name<$first, SECOND, THIRD>
        {
            const SETTINGS: Settings =
                Settings { $field: Some($make([$first, SECOND, THIRD])), ..Settings::NONE };
            type Bias<B: BiasOption> = B;
            type Channels<C: ChannelOption> = C;
        }
    };
}
#[inline]
const fn lengths(lengths: [usize; 3]) -> [usize; 3] {
    lengths
}
setting! {
    /// The window moves by so many numbers, on each axis, or with several numbers, axis by axis: `Stride<2>`, `Stride<2, 1>`.
    Stride<FIRST>, stride: lengths
}
setting! {
    /// So many zeros on either side: `Padding<1>`, `Padding<0, 2>`. A maximum ignores them.
    Padding<FIRST>, padding: Padded::By
}
setting! {
    /// The window takes every so-many-th number: `Dilation<2>`.
    Dilation<FIRST>, dilation: lengths
}
setting! {
    /// A transposed convolution's output is so much longer at the end: of the lengths that a convolution with a stride makes
    /// equal, which one it is.
    OutputPadding<FIRST>, output_padding: lengths
}

/// As many zeros as the output needs to be as long as the input, the odd one at the end; without a stride.
#[derive(Clone, Copy, Debug)]
pub struct Same;

impl WindowOptions for Same {
    const SETTINGS: Settings = Settings { padding: Some(Padded::Same), ..Settings::NONE };
    type Bias<B: BiasOption> = B;
    type Channels<C: ChannelOption> = C;
}

impl WindowOptions for NoBias {
    type Bias<B: BiasOption> = NoBias;
    type Channels<C: ChannelOption> = C;
}

impl WindowOptions for Bias {
    type Bias<B: BiasOption> = Bias;
    type Channels<C: ChannelOption> = C;
}

/// Every output channel sees every input channel.
#[derive(Clone, Copy, Debug)]
pub struct Whole;

impl ChannelOption for Whole {
    type Kernels<P: Parameters, const IN: usize> = [P; IN];
    const GROUPS: Option<usize> = Some(1);
    const CHANNELS: Option<usize> = None;
}

/// `GROUPS` groups of `CHANNELS` input channels each; an output channel sees those of its group.
///
/// PyTorch's `groups = 4` of 32 channels is `Groups<4, 8>`: the weights' shape has to be said, as it isn't computed.
#[derive(Clone, Copy, Debug)]
pub struct Groups<const GROUPS: usize, const CHANNELS: usize>;

impl<const GROUPS: usize, const CHANNELS: usize> ChannelOption for Groups<GROUPS, CHANNELS> {
    type Kernels<P: Parameters, const IN: usize> = [P; CHANNELS];
    const GROUPS: Option<usize> = Some(GROUPS);
    const CHANNELS: Option<usize> = Some(CHANNELS);
}

impl<const GROUPS: usize, const CHANNELS: usize> WindowOptions for Groups<GROUPS, CHANNELS> {
    type Bias<B: BiasOption> = B;
    type Channels<C: ChannelOption> = Self;
}

/// Each channel is a group of its own: PyTorch's `groups = in_channels`.
#[derive(Clone, Copy, Debug)]
pub struct Depthwise;

impl ChannelOption for Depthwise {
    type Kernels<P: Parameters, const IN: usize> = [P; 1];
    const GROUPS: Option<usize> = None;
    const CHANNELS: Option<usize> = Some(1);
}

impl WindowOptions for Depthwise {
    type Bias<B: BiasOption> = B;
    type Channels<C: ChannelOption> = Depthwise;
}

impl WindowOptions for () {
    type Bias<B: BiasOption> = B;
    type Channels<C: ChannelOption> = C;
}

macro_rules! options_of_tuple {
    ($First:ident $($Rest:ident)*) => {
        impl<$First: WindowOptions, $($Rest: WindowOptions),*> WindowOptions for ($First, $($Rest,)*) {
            const SETTINGS: Settings = $First::SETTINGS.or(<($($Rest,)*) as WindowOptions>::SETTINGS);
            type Bias<Z: BiasOption> = $First::Bias<<($($Rest,)*) as WindowOptions>::Bias<Z>>;
            type Channels<Z: ChannelOption> = $First::Channels<<($($Rest,)*) as WindowOptions>::Channels<Z>>;
        }
    };
}
options_of_tuple!(A);
options_of_tuple!(A B);
options_of_tuple!(A B C);
options_of_tuple!(A B C D);
options_of_tuple!(A B C D E);
options_of_tuple!(A B C D E F);

/// A layer's window, whatever its input: all that its geometry needs.
pub trait Sliding: Copy + Send + Sync + 'static {
    /// The window's own lengths, a shape of one to three axes.
    type Kernel: Shape;
    /// The options.
    type Options: WindowOptions;
    /// Channels of the input; `None` for any number.
    const INPUTS: Option<usize>;
    /// Channels of the output; `None` for as many as the input's.
    const OUTPUTS: Option<usize>;
    /// The stride if none is given: 1, or as long as the window.
    const SIDE_BY_SIDE: bool;
    /// Whether the window is at the input's numbers and makes more of them.
    const TRANSPOSED: bool = false;
}

/// A list of lengths with the last `rank` of three used, `otherwise` in front.
#[inline]
const fn on_last_axes(list: [usize; 3], rank: usize, otherwise: usize) -> [usize; 3] {
    let mut result = [otherwise; 3];
    let mut axis = 0;
    while axis < rank && axis < 3 {
        result[3 - rank + axis] = if list[axis] == AS_FIRST { list[0] } else { list[axis] };
        axis += 1;
    }
    result
}

/// The first three of a shape's lengths.
#[inline]
const fn first_three(dims: Dims) -> [usize; 3] {
    [dims[0], dims[1], dims[2]]
}

/// What the options of `G` say, in full: stride, dilation, output padding for the last axes of three.
#[inline]
const fn settings<G: Sliding>() -> ([usize; 3], [usize; 3], [usize; 3], [usize; 3]) {
    let (rank, options) = (G::Kernel::RANK, G::Options::SETTINGS);
    let kernel = on_last_axes(first_three(G::Kernel::DIMS), rank, 1);
    let stride = match options.stride {
        Some(stride) => on_last_axes(stride, rank, 1),
        None if G::SIDE_BY_SIDE => kernel,
        None => [1; 3],
    };
    let dilation = match options.dilation {
        Some(dilation) => on_last_axes(dilation, rank, 1),
        None => [1; 3],
    };
    let more = match options.output_padding {
        Some(more) => on_last_axes(more, rank, 0),
        None => [0; 3],
    };
    (kernel, stride, dilation, more)
}

/// The window of `G` on an input of the shape `I`, as if it had the right rank. Of a transposed convolution, the window of the
/// convolution that it reverses: its `output` is the input here.
#[inline]
pub const fn window<I: Shape, G: Sliding>() -> Window {
    let (kernel, stride, dilation, more) = settings::<G>();
    let rank = G::Kernel::RANK;
    let given = on_last_axes([I::DIMS[1], I::DIMS[2], I::DIMS[3]], rank, 1);
    let mut window =
        Window { input: given, output: [1; 3], kernel, stride, dilation, before: [0; 3], after: [0; 3] };
    let mut axis = 0;
    while axis < 3 {
        let reach = if kernel[axis] > 0 { window.reach(axis) } else { 0 };
        match G::Options::SETTINGS.padding {
            Some(Padded::By(padding)) => {
                let padding = on_last_axes(padding, rank, 0);
                (window.before[axis], window.after[axis]) = (padding[axis], padding[axis]);
            }
            Some(Padded::Same) => {
                let both = reach.saturating_sub(1);
                (window.before[axis], window.after[axis]) = (both / 2, both - both / 2);
            }
            None => {}
        }
        if G::TRANSPOSED {
            let longest = (given[axis].saturating_sub(1)) * stride[axis] + reach + more[axis];
            window.output[axis] = given[axis];
            window.input[axis] = longest.saturating_sub(window.before[axis] + window.after[axis]);
        } else {
            window.output[axis] = places(window.padded()[axis], reach, stride[axis]);
        }
        axis += 1;
    }
    window
}

/// The shape that a window `G` makes of `I`.
#[derive(Clone, Copy, Debug)]
pub struct Slid<I, G>(PhantomData<(I, G)>);

impl<I: Shape, G: Sliding> ShapeFunction for Slid<I, G> {
    const RANK: usize = G::Kernel::RANK + 1;
    const DIMS: Dims = {
        let mut dims = [0; MAX_RANK];
        let rank = G::Kernel::RANK;
        if I::RANK == rank + 1 && rank >= 1 && rank <= 3 {
            let window = window::<I, G>();
            let made = if G::TRANSPOSED { window.input } else { window.output };
            dims[0] = match G::OUTPUTS {
                Some(channels) => channels,
                None => I::DIMS[0],
            };
            let mut axis = 0;
            while axis < rank {
                dims[axis + 1] = made[3 - rank + axis];
                axis += 1;
            }
        }
        dims
    };
}

/// What the axes are called, outermost first.
#[inline]
const fn axis_name(rank: usize, axis: usize) -> &'static str {
    match (rank, axis) {
        (1, _) => "length",
        (3, 0) => "depth",
        (_, 0) | (3, 1) => "height",
        _ => "width",
    }
}

/// Whether a window `G` fits an input of the shape `I`. `fix` is what to write for another number of channels.
#[inline]
pub const fn fit<I: Shape, G: Sliding>(fix: Text) -> Fit {
    let rank = G::Kernel::RANK;
    let (kernel, stride, dilation, more) = settings::<G>();
    if rank == 0 || rank > 3 {
        let wrong = Text::new("slides over ").number(rank).text(" axes");
        return Fit::mismatch(wrong, Text::EMPTY, Text::new("a window has one to three"));
    }
    let mut axis = 3 - rank;
    while axis < 3 {
        if kernel[axis] == 0 || stride[axis] == 0 || dilation[axis] == 0 {
            let wrong = Text::new("has a window, stride or dilation of 0");
            return Fit::mismatch(wrong, Text::EMPTY, Text::new("each is 1 at least"));
        }
        if matches!(G::Options::SETTINGS.padding, Some(Padded::Same)) && stride[axis] > 1 {
            let wrong = Text::new("is to keep the lengths with `Same`, and to move by ").number(stride[axis]);
            let fix = Text::new("write `Padding<").number(kernel[axis] / 2).text(">` instead of `Same`");
            return Fit::mismatch(wrong, Text::EMPTY, fix);
        }
        let most = if stride[axis] > dilation[axis] { stride[axis] } else { dilation[axis] };
        if more[axis] >= most {
            let wrong = Text::new("adds ").number(more[axis]).text(" at the end, where its window moves by ");
            let wrong = wrong.number(stride[axis]);
            let fix = Text::new("write `OutputPadding<").number(most - 1).text(">` at most");
            return Fit::mismatch(wrong, Text::EMPTY, fix);
        }
        axis += 1;
    }
    if I::RANK != rank + 1 {
        let mut takes = Text::new("takes [channels");
        let mut axis = 0;
        while axis < rank {
            takes = takes.text(", ").text(axis_name(rank, axis));
            axis += 1;
        }
        let fix = Text::new("put a `Reshape` before it");
        return Fit::mismatch(takes.text("]"), Text::EMPTY.shape::<I>(), fix);
    }
    if let Some(channels) = G::INPUTS
        && channels != I::DIMS[0]
    {
        let takes =
            Text::new("takes ").number(channels).text(if channels == 1 { " channel" } else { " channels" });
        let given = Text::EMPTY.number(I::DIMS[0]).text(", the first of ").shape::<I>();
        return Fit::mismatch(takes, given, fix);
    }
    places_fit::<I, G>()
}

/// Whether the window has a place on each axis.
#[inline]
const fn places_fit<I: Shape, G: Sliding>() -> Fit {
    let (rank, window) = (G::Kernel::RANK, window::<I, G>());
    let mut axis = 3 - rank;
    while axis < 3 {
        let name = axis_name(rank, axis + rank - 3);
        if G::TRANSPOSED {
            if window.input[axis] == 0 {
                let wrong = Text::new("takes away all of the ").text(name).text(" with its padding");
                return Fit::mismatch(wrong, Text::EMPTY, Text::new("make the padding smaller"));
            }
        } else if window.output[axis] == 0 {
            let least = window.reach(axis).saturating_sub(window.before[axis] + window.after[axis]);
            let takes = Text::new("takes a ").text(name).text(" of at least ").number(least);
            let given =
                Text::EMPTY.number(window.input[axis]).text(", and ").then(&arithmetic(&window, axis));
            return Fit::mismatch(
                takes,
                given.text(" is no number of places"),
                Text::new("make the window smaller"),
            );
        } else if G::SIDE_BY_SIDE && 2 * window.before[axis] > window.kernel[axis] {
            let wrong = Text::new("pads a window of ").number(window.kernel[axis]).text(" by ");
            let wrong = wrong.number(window.before[axis]).text(", so that some places see nothing");
            return Fit::mismatch(wrong, Text::EMPTY, Text::new("pad by half of the window at most"));
        }
        axis += 1;
    }
    Fit::Fits
}

/// The number of places along an axis, as it is worked out: `(28 + 2*0 - 31)/1 + 1`.
#[inline]
const fn arithmetic(window: &Window, axis: usize) -> Text {
    let (before, after) = (window.before[axis], window.after[axis]);
    let text = Text::new("(").number(window.input[axis]);
    let text = if before == after {
        text.text(" + 2*").number(before)
    } else {
        text.text(" + ").number(before).text(" + ").number(after)
    };
    let text = if window.dilation[axis] == 1 {
        text.text(" - ").number(window.kernel[axis])
    } else {
        let text = text.text(" - ").number(window.dilation[axis]).text("*(");
        text.number(window.kernel[axis]).text(" - 1) - 1")
    };
    text.text(")/").number(window.stride[axis]).text(" + 1")
}

/// The arithmetic of all axes: `(28 + 2*0 - 5)/1 + 1 = 24`, joined by ` x ` where they differ.
#[inline]
pub const fn note<I: Shape, G: Sliding>() -> Text {
    let rank = G::Kernel::RANK;
    if I::RANK != rank + 1 || G::TRANSPOSED {
        return Text::EMPTY;
    }
    let window = window::<I, G>();
    let last = arithmetic(&window, 2).text(" = ").number(window.output[2]);
    let mut text = Text::EMPTY;
    let mut axis = 3 - rank;
    while axis < 2 {
        let one = arithmetic(&window, axis).text(" = ").number(window.output[axis]);
        if !same(one.as_str(), last.as_str()) {
            text = text.then(&one).text(" x ");
        }
        axis += 1;
    }
    text.then(&last)
}

#[inline]
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut index = 0;
    while index < a.len() && index < b.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    a.len() == b.len()
}

/// Sets every number uniformly in `±1/√n`.
pub(super) fn begin_within<T: Float>(values: &mut [T], n: usize, random: &mut crate::random::Random) {
    let bound = 1.0 / libm::sqrt(n.max(1) as f64);
    values.fill_with(|| T::from_f64((2.0 * random.uniform_f64() - 1.0) * bound));
}

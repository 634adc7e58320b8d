//! What a layer is, and so what a model is: one trait for both.
//!
//! - [`Parameters`]: the numbers, as one flat block with names.
//! - [`Initialize`]: how they begin.
//! - [`Module`]: what holds for every input: the same layer with other numbers, the type of its gradient.
//! - [`Layer<I>`]: what it does with an input of shape `I`: the output's shape, forward, backward.
//!
//! Shapes here are those of *one sample*; the batch is the leading axis of every buffer and is never written down by a
//! layer's author. `x` of a layer on `I` holds `rows * I::LEN` numbers.

mod array;
mod claim;
pub mod facts;
pub mod fit;
pub mod frame;
pub mod fusion;
pub mod operation;
mod packing;
pub mod parameters;
pub mod place;
pub mod plan;
pub mod planned;
pub mod program;
pub mod step;
#[doc(hidden)]
pub mod slot;
mod stand_in;
pub mod table;

pub use fit::{Fit, Mismatch};
pub use fusion::{Following, Follows, Leads};
pub use operation::{Edges, Operation, OperationBackward};
pub use parameters::{Parameter, Parameters, Path, Role, Walk, convert, for_each_parameter};

use crate::device::Pass;
use crate::element::Float;
use crate::message::Text;
pub use crate::op::formula::{Formula, Formulas};
use crate::random::Random;
use crate::shape::Shape;

/// How the numbers of a layer begin.
///
/// `#[layer]` writes it for layers without parameters, `#[model]` for models (field by field).
#[diagnostic::on_unimplemented(
    message = "`{Self}` doesn't say how its parameters begin",
    note = "a layer with parameters of its own needs `impl Initialize`, with `fn initialize(&mut self, random: &mut Random)`"
)]
pub trait Initialize {
    /// Sets every number, in place; the same state of `random` gives the same numbers.
    fn initialize(&mut self, random: &mut Random);
}

impl<M: Initialize + Parameters, const N: usize> Initialize for [M; N] {
    fn initialize(&mut self, random: &mut Random) {
        for item in self {
            item.initialize(random);
        }
    }
}

/// What a layer or model is, whatever its input. Written by `#[layer]` and `#[model]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer",
    label = "not a layer",
    note = "a field of a `#[model]` is a layer, another `#[model]`, or an array of those; a layer of your own is a struct with `#[layer]` and an `impl Layer`"
)]
pub trait Module: Parameters {
    /// The same layer with numbers of another type.
    type With<U: Float>: Module<Element = U>;
    /// The gradient of its parameters: its own type, without what is frozen.
    type Gradient: Parameters<Element = Self::Element>;
    /// This very type, known to be a layer for the input `I`: layers take every input (see [`Layer::FIT`]), so a generic
    /// model needs no bounds that name shapes.
    type On<I: Shape>: Layer<I> + Module<Element = Self::Element, Gradient = Self::Gradient>;
    /// This very value.
    fn on<I: Shape>(&self) -> &Self::On<I>;
    /// Sets every number as [`Initialize`] says, layer by layer.
    #[doc(hidden)]
    fn begin(&mut self, random: &mut Random);
}

/// What a layer needs and keeps in memory, in numbers a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// `backward` reads the input `x`.
    pub input: bool,
    /// It does so only for the gradient by the parameters: where they are frozen the input isn't kept.
    pub input_for_parameters: bool,
    /// `backward` reads the output `y`.
    pub output: bool,
    /// The output may take the place of the input (of an operation on several edges, of any that has its length), and the
    /// gradient of a single input that of the output's: there are the `.._in_place` methods.
    pub in_place: bool,
    /// The output is the input, unchanged, under another shape: nothing needs to be done at all.
    pub alias: bool,
    /// For each input a bit, the lowest for the first: the gradient by it is that by the output, as it is. An operation's
    /// `backward` isn't asked for those.
    pub passes: u8,
    /// No gradient flows to the inputs; the first one to have written to theirs is asked for zeros.
    pub stops: bool,
    /// Numbers a sample kept from `forward` to `backward`.
    pub saved: usize,
    /// Numbers a sample that `forward` needs for itself while training.
    pub forward: usize,
    /// Numbers a sample that `backward` needs for itself.
    pub backward: usize,
    /// Numbers a sample that `forward` needs for itself at inference.
    pub infer: usize,
    /// The same on a device that watches, where that is more: as where a layer's result is pooled before it is put in place.
    pub watched: usize,
    /// Numbers for all samples together that any of them needs for itself, such as packed weights.
    pub workspace: usize,
}

impl Needs {
    /// Whether the gradient by this input is that by the output.
    pub const fn passes(&self, input: usize) -> bool {
        self.passes >> input & 1 == 1
    }

    /// Numbers a sample that `forward` needs for itself at inference, on a device that watches or on one that doesn't.
    pub const fn inference(&self, watches: bool) -> usize {
        if watches && self.watched > self.infer { self.watched } else { self.infer }
    }

    /// Nothing is kept and nothing is needed.
    pub const NOTHING: Needs = Needs {
        input: false,
        input_for_parameters: false,
        output: false,
        in_place: false,
        alias: false,
        passes: 0,
        stops: false,
        saved: 0,
        forward: 0,
        backward: 0,
        infer: 0,
        watched: 0,
        workspace: 0,
    };
}

/// The memory that a layer asked for in its [`Needs`], for all rows.
pub struct Memory<'a, T> {
    /// What is kept from forward to backward.
    pub saved: &'a mut [T],
    /// What is the layer's until the call returns; its contents are arbitrary.
    pub scratch: &'a mut [T],
    /// Likewise, of a size that doesn't depend on the batch.
    pub workspace: &'a mut [T],
}

/// What a layer does with an input of the shape `I`. Shapes are those of one sample.
///
/// A layer is implemented for *every* shape. Whether it makes sense of it is said by [`FIT`](Layer::FIT), in a constant that
/// the enclosing `#[model(input = ..)]` looks at; where it doesn't, `forward` and `backward` are never run.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `impl Layer<I>` for an input of shape `{I}`",
    note = "a layer is implemented for every shape: `impl<I: Shape> Layer<I> for ..`; what it can't take is said by its `FIT`"
)]
pub trait Layer<I: Shape>: Module {
    /// The shape of the output.
    type Out: Shape;
    /// Whether the layer takes this input.
    const FIT: Fit = Fit::Fits;
    /// The arithmetic behind the output's shape, for messages, as "16 x 4 x 4"; may be empty.
    const NOTE: Text = Text::EMPTY;
    /// Floating-point operations of `forward`, a sample (a multiply and an add are two).
    const FLOPS: usize;
    /// How many steps its code is of: those of the layers in it, once where they are repeated.
    const STEPS: usize = 1;
    /// What it keeps and needs.
    const NEEDS: Needs;
    /// The same where nobody wants the gradient by the input, as of the first layer of a model.
    const FIRST_NEEDS: Needs = Self::NEEDS;
    /// The same where nobody wants any gradient, as where it is frozen at the beginning of a model.
    const FROZEN_NEEDS: Needs = Self::NEEDS;
    /// How it is written on paper.
    const FORMULAS: Formulas = Formulas::CALL;
    /// What it can do at inference for the layers behind it: then there is `forward_followed`.
    const LEADS: Leads = Leads::NOTHING;
    /// What it does at inference, if the layer before it can do that on the way out; then there is `forward_in_place`.
    const FOLLOWS: Follows = Follows::Nothing;

    /// Computes `y` from `x`.
    fn forward<P: Pass>(
        &self,
        pass: &mut P,
        x: &[Self::Element],
        y: &mut [Self::Element],
        memory: Memory<'_, Self::Element>,
    );

    /// Computes the output in the place of the input. Called only if [`Needs::in_place`] is set.
    fn forward_in_place<P: Pass>(
        &self,
        pass: &mut P,
        y: &mut [Self::Element],
        memory: Memory<'_, Self::Element>,
    ) {
        let _ = (pass, y, memory);
    }

    /// As `forward` at inference, with what is `following`. Called only if [`LEADS`](Layer::LEADS) says so.
    fn forward_followed<P: Pass>(
        &self,
        pass: &mut P,
        x: &[Self::Element],
        y: &mut [Self::Element],
        following: Following<'_, Self::Element>,
        memory: Memory<'_, Self::Element>,
    ) {
        let _ = (pass, x, y, following, memory);
    }

    /// The factor and the shift of each channel. Called only if [`FOLLOWS`](Layer::FOLLOWS) says that there are such.
    fn scaling(&self, scale: &mut [Self::Element], shift: &mut [Self::Element]) {
        let _ = (scale, shift);
    }

    /// From the gradient `dy` of the loss by the output, computes the gradient `dx` by the input and `gradient` by the
    /// parameters, as far as they are wanted.
    ///
    /// `dx` is to be overwritten; `gradient` is to be overwritten or added to as [`Pass::accumulate`] says; `dy` may be used as scratch.
    fn backward<P: Pass>(
        &self,
        pass: &mut P,
        edges: Backward<'_, Self::Element>,
        gradient: Option<&mut Self::Gradient>,
        memory: Memory<'_, Self::Element>,
    );

    /// As `backward`, with `dx` in the place of `dy`. Called only if [`Needs::in_place`] is set; such a layer has no parameters.
    fn backward_in_place<P: Pass>(
        &self,
        pass: &mut P,
        x: &[Self::Element],
        y: &[Self::Element],
        dy: &mut [Self::Element],
        memory: Memory<'_, Self::Element>,
    ) {
        let _ = (pass, x, y, dy, memory);
    }
}

/// The edges at a layer in the backward pass.
pub struct Backward<'a, T> {
    /// The input; empty unless [`Needs::input`] is set.
    pub x: &'a [T],
    /// The output; empty unless [`Needs::output`] is set.
    pub y: &'a [T],
    /// The gradient by the output.
    pub dy: &'a mut [T],
    /// Where the gradient by the input goes, if anyone wants it.
    pub dx: Option<&'a mut [T]>,
}

/// A complete model: a module with a declared input. Written by `#[model(input = ..)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no declared input",
    note = "say what one sample looks like: `#[model(input = [1, 28, 28])]`"
)]
pub trait Model: Layer<Self::Input> {
    /// The shape of one input sample.
    type Input: Shape;
    /// Fails where a generic model was made concrete with arguments that don't fit; all others have been checked already.
    #[doc(hidden)]
    const CHECKED: () = ();
}

/// The shape of one output sample of the model `M`.
pub type OutputOf<M> = <M as Layer<<M as Model>::Input>>::Out;

/// Edge `N` of a generic model: the shape there, worked out by the compiler. Written by `#[model]`.
#[doc(hidden)]
pub trait Edge<const N: usize> {
    /// The shape of one sample on the edge.
    type Shape: Shape;
}

/// A model on the heap, built in place and initialised from a seed: the same seed gives the same parameters.
#[cfg(feature = "alloc")]
pub fn new<M: Module>(seed: u64) -> alloc::boxed::Box<M> {
    let mut model = M::zeroed();
    model.begin(&mut Random::new(seed));
    model
}

//! The two faces of an operation: run at once on tensors, or run and written down on a tape.
//!
//! What there is to do with numbers is listed once, in traits over [`Numbers`]: [`Functions`](super::Functions),
//! [`Products`](super::Products), [`Reductions`](super::Reductions), [`Rearrangements`](super::Rearrangements). A face says where
//! the numbers are and what becomes of a [`Rule`]; shapes are checked before, by the compiler.

use alloc::vec::Vec;
use core::marker::PhantomData;

use super::{Tensor, View};
use crate::element::{Element, Float};
use crate::rule::{Movement, Room, Rule};
use crate::shape::{Layout, Shape};
use crate::storage::Block;

/// A place where operations happen.
pub trait Face {
    /// The numbers.
    type Element: Element;
    /// An operand, whose shape is a value.
    type Raw<'a>: Copy;
    /// A result, whose shape is a value.
    type Held;
    /// A result, whose shape is a type.
    type Of<S: Shape>: Numbers<Shape = S, Face = Self>;
    /// Carries numbers to other places.
    fn carry<M: Movement>(movement: M, x: &[Self::Raw<'_>]) -> Self::Held;
    /// A result as an operand.
    fn raw(held: &Self::Held) -> Self::Raw<'_>;
    /// The shape of an operand.
    fn layout(raw: Self::Raw<'_>) -> Layout;
    /// A copy of the numbers of an operand.
    fn numbers(raw: Self::Raw<'_>) -> Vec<Self::Element>;
    /// The result under a type that its shape is known to have.
    fn shaped<S: Shape>(held: Self::Held) -> Self::Of<S>;
}

/// A face on numbers that can be computed with, and differentiated.
pub trait FloatFace: Face<Element: Float> {
    /// Carries out a rule.
    fn run<R: Rule<Self::Element> + 'static>(rule: R, x: &[Self::Raw<'_>]) -> Self::Held;
    /// Numbers that are no operation's result, beside an operand.
    fn constant(beside: Self::Raw<'_>, layout: Layout, numbers: Vec<Self::Element>) -> Self::Held;
}

/// Numbers with a shape: a tensor, a view, or a variable of a tape.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no numbers to compute with",
    note = "operands are tensors, views and variables of a tape"
)]
pub trait Numbers {
    /// The shape.
    type Shape: Shape;
    /// Where operations on them happen.
    type Face: Face;
    /// The numbers as an operand.
    fn raw(&self) -> RawOf<'_, Self>;
}

/// The operand of `N`'s face.
pub type RawOf<'a, N> = <<N as Numbers>::Face as Face>::Raw<'a>;
/// What an operation on `N` gives for the shape `S`.
pub type Of<N, S> = <<N as Numbers>::Face as Face>::Of<S>;
/// The element type of `N`.
pub type ElementOf<N> = <<N as Numbers>::Face as Face>::Element;

/// The face of tensors: what is said is done at once.
#[derive(Clone, Copy, Debug)]
pub struct Eager<T>(PhantomData<T>);

/// Numbers with a shape that is a value.
#[derive(Clone, Copy)]
pub struct Operand<'a, T> {
    layout: Layout,
    numbers: &'a [T],
}

impl<'a, T> Operand<'a, T> {
    /// The numbers, row by row.
    pub fn numbers(self) -> &'a [T] {
        self.numbers
    }
}

/// Numbers on the heap with a shape that is a value.
pub struct Held<T: 'static> {
    layout: Layout,
    block: Block<T>,
}

impl<T: Element> Held<T> {
    /// Memory for numbers, all of which will be written.
    fn to_fill(layout: Layout) -> Self {
        Held { layout, block: Block::any(layout.len()) }
    }
}

fn slices<'a, T>(x: &[Operand<'a, T>]) -> [&'a [T]; crate::rule::MAX_OPERANDS] {
    let mut slices: [&[T]; crate::rule::MAX_OPERANDS] = [&[]; crate::rule::MAX_OPERANDS];
    for (slice, operand) in slices.iter_mut().zip(x) {
        *slice = operand.numbers;
    }
    slices
}

impl<T: Element> Face for Eager<T> {
    type Element = T;
    type Raw<'a> = Operand<'a, T>;
    type Held = Held<T>;
    type Of<S: Shape> = Tensor<S, T>;

    fn carry<M: Movement>(movement: M, x: &[Operand<'_, T>]) -> Held<T> {
        let mut held = Held::to_fill(movement.layout());
        movement.carry(&slices(x)[..x.len()], held.block.as_mut_slice());
        held
    }
    fn raw(held: &Held<T>) -> Operand<'_, T> {
        Operand { layout: held.layout, numbers: held.block.as_slice() }
    }
    fn layout(raw: Operand<'_, T>) -> Layout {
        raw.layout
    }
    fn numbers(raw: Operand<'_, T>) -> Vec<T> {
        raw.numbers.to_vec()
    }
    fn shaped<S: Shape>(held: Held<T>) -> Tensor<S, T> {
        Tensor::from_block(held.block, held.layout.len())
    }
}

#[cfg(feature = "std")]
std::thread_local! {
    /// Room to work, kept from operation to operation: new memory is slow to be touched first.
    static WORKSPACE: core::cell::RefCell<Option<Block<f64>>> = const { core::cell::RefCell::new(None) };
}

/// Runs `work` with room for `length` numbers, whatever they are.
fn with_workspace<T: Float>(length: usize, work: impl FnOnce(&mut [T])) {
    if length == 0 {
        return work(&mut []);
    }
    let doubles = (length * size_of::<T>()).div_ceil(size_of::<f64>());
    #[cfg(feature = "std")]
    let kept = WORKSPACE.with_borrow_mut(Option::take);
    #[cfg(not(feature = "std"))]
    let kept = None::<Block<f64>>;
    let mut block =
        kept.filter(|block| block.as_slice().len() >= doubles).unwrap_or_else(|| Block::any(doubles));
    work(&mut bytemuck::cast_slice_mut::<f64, T>(block.as_mut_slice())[..length]);
    #[cfg(feature = "std")]
    WORKSPACE.with_borrow_mut(|kept| *kept = Some(block));
}

impl<T: Float> FloatFace for Eager<T> {
    fn run<R: Rule<T> + 'static>(rule: R, x: &[Operand<'_, T>]) -> Held<T> {
        let mut held = Held::to_fill(rule.layout());
        let kept = rule.kept();
        with_workspace(kept + rule.workspace(), |numbers| {
            let (kept, workspace) = numbers.split_at_mut(kept);
            rule.forward(&slices(x)[..x.len()], held.block.as_mut_slice(), Room { kept, workspace });
        });
        held
    }
    fn constant(_: Operand<'_, T>, layout: Layout, numbers: Vec<T>) -> Held<T> {
        let mut held = Held::to_fill(layout);
        held.block.as_mut_slice().copy_from_slice(&numbers);
        held
    }
}

impl<S: Shape, T: Element> Numbers for View<S, T> {
    type Shape = S;
    type Face = Eager<T>;
    fn raw(&self) -> Operand<'_, T> {
        Operand { layout: self.layout(), numbers: self.as_slice() }
    }
}

impl<S: Shape, T: Element> Numbers for Tensor<S, T> {
    type Shape = S;
    type Face = Eager<T>;
    fn raw(&self) -> Operand<'_, T> {
        self.view().raw()
    }
}

impl<N: Numbers + ?Sized> Numbers for &N {
    type Shape = N::Shape;
    type Face = N::Face;
    fn raw(&self) -> RawOf<'_, N> {
        N::raw(self)
    }
}

impl<S: Shape, T: Element> View<S, T> {
    /// The lengths of the axes as a value.
    pub fn layout(&self) -> Layout {
        Layout::new(&self.dims()[..S::RANK])
    }
}

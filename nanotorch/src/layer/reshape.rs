//! Layers that give the same numbers another shape. They cost nothing: the output is the input's memory.

use core::marker::PhantomData;

use crate::device::{Device, Pass};
use crate::element::Float;
use crate::message::Text;
use crate::model::{Backward, Fit, Formulas, Layer, Memory, Needs};
use crate::op::Copy;
use crate::shape::{Elements, Shape};

const ALIAS: Needs = Needs { alias: true, ..Needs::NOTHING };

const RESHAPED: Formulas =
    Formulas { value: &["reshape({0})"], edges: &[&["reshape({dy})"]], parameters: &[] };

/// `[A, B, ..]` to `[A * B * ..]`: one axis of all features, as PyTorch's `torch.nn.Flatten` keeps the batch.
#[crate::layer]
pub struct Flatten<T: Float = f32> {
    element: PhantomData<fn() -> T>,
}

/// The same numbers under the shape `S`, in row-major order.
///
/// ```
/// use nanotorch::prelude::*;
///
/// #[model(input = [12])]
/// pub struct Net {
///     fc: Linear<12, 8>,
///     square: Reshape<R2<2, 4>>,
///     rows: Linear<4, 3>,
/// }
/// assert_eq!(Net::OUTPUT, [2, 3]);
/// ```
#[crate::layer]
pub struct Reshape<S: Shape, T: Float = f32> {
    shape: PhantomData<fn() -> (S, T)>,
}

impl<I: Shape, T: Float> Layer<I> for Flatten<T> {
    type Out = (Elements<I>,);
    const NOTE: Text = if I::RANK > 1 { Text::EMPTY.lengths::<I>(" x ") } else { Text::EMPTY };
    const FLOPS: usize = 0;
    const NEEDS: Needs = ALIAS;
    const FORMULAS: Formulas = RESHAPED;

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[T], y: &mut [T], _: Memory<'_, T>) {
        pass.device().run(Copy { x, y });
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
            pass.device().run(Copy { x: edges.dy, y: dx });
        }
    }
}

impl<I: Shape, S: Shape, T: Float> Layer<I> for Reshape<S, T> {
    type Out = S;
    const FIT: Fit = if I::LEN == S::LEN {
        Fit::Fits
    } else {
        Fit::mismatch(
            Text::new("makes ").shape::<S>().text(", which is ").number(S::LEN).text(" numbers"),
            Text::EMPTY.shape::<I>().text(", which is ").number(I::LEN),
            Text::EMPTY,
        )
    };
    const FLOPS: usize = 0;
    const NEEDS: Needs = ALIAS;
    const FORMULAS: Formulas = RESHAPED;

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[T], y: &mut [T], _: Memory<'_, T>) {
        pass.device().run(Copy { x, y });
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
            pass.device().run(Copy { x: edges.dy, y: dx });
        }
    }
}

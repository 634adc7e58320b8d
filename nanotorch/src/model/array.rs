//! `[Block; N]`: the same layer `N` times in a row, each with its own parameters.

use core::marker::PhantomData;

use super::frame::{Frame, rows_of};
use super::planned::Planned;
use super::step::Step;
use super::{Backward, Fit, Layer, Memory, Module, Needs};
use crate::device::{Name, Pass};
use crate::element::Float;
use crate::message::Text;
use crate::random::Random;
use crate::shape::{Shape, same_shape};

#[diagnostic::do_not_recommend]
impl<L: Module, const N: usize> Module for [L; N] {
    type With<U: Float> = [L::With<U>; N];
    type Gradient = [L::Gradient; N];
    type On<I: Shape> = [L; N];
    #[inline(always)]
    fn on<I: Shape>(&self) -> &[L; N] {
        self
    }
    fn begin(&mut self, random: &mut Random) {
        for item in self {
            item.begin(random);
        }
    }
}

/// What an item of an array does with an input of shape `I`.
type OutOf<L, I> = <<L as Module>::On<I> as Layer<I>>::Out;

const fn steps<L: Module, I: Shape, const N: usize>() -> [Step; N] {
    let mut steps = [Step::of::<L::On<I>, I>(N); N];
    let mut index = 1;
    while index < N {
        steps[index].inputs[0] = index - 1;
        index += 1;
    }
    steps
}

/// The plans of an array.
struct Repeated<L, I, const N: usize>(PhantomData<(L, I)>);

impl<L: Module, I: Shape, const N: usize> Planned<N, N> for Repeated<L, I, N> {
    const LIST: [Step; N] = steps::<L, I, N>();
    const LENGTHS: &'static [usize] = &[I::LEN];
}

const fn fit<L: Module, I: Shape, const N: usize>() -> Fit {
    let fit = <L::On<I> as Layer<I>>::FIT;
    if N == 0 {
        return Fit::mismatch(
            Text::new("repeats a layer 0 times"),
            Text::EMPTY,
            Text::new("write at least 1, or remove the field"),
        );
    }
    if N > 1 && fit.fits() && !same_shape::<I, OutOf<L, I>>() {
        return Fit::mismatch(
            Text::new("repeats a layer that makes ")
                .shape::<OutOf<L, I>>()
                .text(" of ")
                .shape::<I>()
                .text(", so that the second can't follow the first"),
            Text::EMPTY,
            Text::new("a layer that is repeated keeps the shape"),
        );
    }
    fit.in_item(0)
}

impl<L: Module, I: Shape, const N: usize> Layer<I> for [L; N] {
    type Out = OutOf<L, I>;
    const FIT: Fit = fit::<L, I, N>();
    const FLOPS: usize = N * <L::On<I> as Layer<I>>::FLOPS;
    const STEPS: usize = <L::On<I> as Layer<I>>::STEPS;
    const NEEDS: Needs = Repeated::<L, I, N>::NEEDS;
    const FIRST_NEEDS: Needs = Repeated::<L, I, N>::FIRST_NEEDS;
    const FROZEN_NEEDS: Needs = Repeated::<L, I, N>::FROZEN_NEEDS;

    #[inline(always)]
    fn forward<P: Pass>(
        &self,
        pass: &mut P,
        x: &[Self::Element],
        y: &mut [Self::Element],
        memory: Memory<'_, Self::Element>,
    ) {
        let sheet = Repeated::<L, I, N>::sheet(pass);
        let mut frame = Frame::forward(sheet, rows_of(pass), x, y, memory);
        for (index, item) in self.iter().enumerate() {
            frame.step_forward::<L::On<I>, I, P>(pass, item.on::<I>(), index, &Name::Item(index), "");
        }
    }

    #[inline(always)]
    fn backward<P: Pass>(
        &self,
        pass: &mut P,
        edges: Backward<'_, Self::Element>,
        mut gradient: Option<&mut Self::Gradient>,
        memory: Memory<'_, Self::Element>,
    ) {
        let sheet = Repeated::<L, I, N>::sheet(pass);
        let mut frame = Frame::backward(sheet, rows_of(pass), edges, memory);
        for (index, item) in self.iter().enumerate().rev() {
            let gradient = gradient.as_mut().map(|gradient| &mut gradient[index]);
            frame.step_backward::<L::On<I>, I, P>(pass, item.on::<I>(), index, gradient);
        }
    }
}

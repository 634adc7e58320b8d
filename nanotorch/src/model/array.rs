//! `[Block; N]`: the same layer `N` times in a row, each with its own parameters.

use super::frame::{Frame, rows_of};
use super::place::Plan;
use super::plan::{plan_inference, plan_training, plan_watched};
use super::step::Step;
use super::{Backward, Fit, Layer, Memory, Module, Needs};
use crate::device::{Device, Name, Pass, Wants};
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

const fn training<L: Module, I: Shape, const N: usize>(wants: Wants) -> Plan<N> {
    plan_training(steps::<L, I, N>(), &[I::LEN], wants)
}

/// The plan of a pass.
#[inline(always)]
fn plan<L: Module, I: Shape, P: Pass, const N: usize>(pass: &P) -> &'static Plan<N> {
    if !P::TRAINING {
        if <P::Device as Device>::WATCHES {
            return const { &plan_watched(steps::<L, I, N>(), &[I::LEN], inference::<L, I, N>()) };
        }
        return const { &inference::<L, I, N>() };
    }
    match pass.wants() {
        Wants::Nothing => const { &training::<L, I, N>(Wants::Nothing) },
        Wants::Parameters => const { &training::<L, I, N>(Wants::Parameters) },
        Wants::Input => const { &training::<L, I, N>(Wants::Input) },
    }
}

const fn inference<L: Module, I: Shape, const N: usize>() -> Plan<N> {
    plan_inference(steps::<L, I, N>(), &[I::LEN])
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
    const NEEDS: Needs = training::<L, I, N>(Wants::Input).needs(&inference::<L, I, N>());
    const FIRST_NEEDS: Needs = training::<L, I, N>(Wants::Parameters).needs(&inference::<L, I, N>());
    const FROZEN_NEEDS: Needs = training::<L, I, N>(Wants::Nothing).needs(&inference::<L, I, N>());

    #[inline(always)]
    fn forward<P: Pass>(
        &self,
        pass: &mut P,
        x: &[Self::Element],
        y: &mut [Self::Element],
        memory: Memory<'_, Self::Element>,
    ) {
        let plan = plan::<L, I, P, N>(pass);
        let mut frame = Frame::forward(plan, rows_of(pass), x, y, memory);
        for (index, item) in self.iter().enumerate() {
            frame.step_forward::<L::On<I>, I, P>(pass, item.on::<I>(), index, Name::Item(index), "");
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
        let plan = plan::<L, I, P, N>(pass);
        let mut frame = Frame::backward(plan, rows_of(pass), edges, memory);
        for (index, item) in self.iter().enumerate().rev() {
            let gradient = gradient.as_mut().map(|gradient| &mut gradient[index]);
            frame.step_backward::<L::On<I>, I, P>(pass, item.on::<I>(), index, gradient);
        }
    }
}

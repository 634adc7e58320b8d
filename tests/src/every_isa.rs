//! Layers and losses, run with each instruction set of the machine, in memory that holds NaN before: a number that is read
//! without having been written shows in the results.

use nanotorch::device::{Cpu, TrainingPass, Wants};
use nanotorch::element::Float;
use nanotorch::kernel::Accumulate;
use nanotorch::loss::Loss;
use nanotorch::model::{Backward, Layer, Memory, Parameters};
use nanotorch::random::Random;
use nanotorch::shape::Shape;
use nanotorch::simd::{Isa, Simd, WithSimd, for_each_isa};

/// What a loss gives.
#[derive(Clone, Debug)]
pub struct LossResult<T> {
    /// Of `Loss::value`.
    pub value: T,
    /// Of `Loss::gradient`.
    pub value_with_gradient: T,
    /// The gradient by the prediction.
    pub gradient: Vec<T>,
}

#[derive(Clone, Copy)]
struct LossWork<'a, S, T, L: Loss<S, T>>
where
    S: Shape,
    T: Float,
{
    loss: &'a L,
    prediction: &'a [T],
    target: &'a [L::Target],
}

impl<S: Shape, T: Float, L: Loss<S, T> + Clone> WithSimd for LossWork<'_, S, T, L> {
    type Output = LossResult<T>;

    #[inline(always)]
    fn run<I: Simd>(self, simd: I) -> LossResult<T> {
        let LossWork { loss, prediction, target } = self;
        let (mut cpu, rows) = (Cpu::new(simd), prediction.len() / S::LEN);
        let mut gradient = vec![T::NAN; prediction.len()];
        let value = loss.value(&mut cpu, rows, prediction, target);
        let value_with_gradient = loss.gradient(&mut cpu, rows, prediction, target, &mut gradient);
        LossResult { value, value_with_gradient, gradient }
    }
}

/// Computes a loss with each instruction set.
pub fn loss<S: Shape, T: Float, L: Loss<S, T> + Clone>(
    loss: &L,
    prediction: &[T],
    target: &[L::Target],
    check: impl FnMut(Isa, LossResult<T>),
) {
    for_each_isa(LossWork { loss, prediction, target }, check);
}

/// What a layer gives.
#[derive(Clone, Debug)]
pub struct LayerResult<T> {
    /// The output.
    pub y: Vec<T>,
    /// The gradient by the input.
    pub dx: Vec<T>,
    /// The gradient by the parameters.
    pub gradient: Vec<T>,
}

struct LayerWork<'a, I, L, T> {
    layer: &'a L,
    x: &'a [T],
    dy: &'a [T],
    in_place: bool,
    input: core::marker::PhantomData<I>,
}

impl<I, L, T> Clone for LayerWork<'_, I, L, T> {
    fn clone(&self) -> Self {
        LayerWork { ..*self }
    }
}

impl<I: Shape, T: Float, L: Layer<I, Element = T>> WithSimd for LayerWork<'_, I, L, T> {
    type Output = LayerResult<T>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> LayerResult<T> {
        let LayerWork { layer, x, dy, in_place, .. } = self;
        let (rows, needs) = (x.len() / I::LEN, L::NEEDS);
        let unwritten = |length: usize| vec![T::NAN; length];
        let (mut saved, mut workspace) = (unwritten(rows * needs.saved), unwritten(needs.workspace));
        let mut gradient = L::Gradient::zeroed();
        gradient.values_mut().fill(T::NAN);
        let mut random = Random::new(1);
        let device = Cpu::new(simd);
        let mut pass = TrainingPass {
            device,
            rows,
            accumulate: Accumulate::Replace,
            wants: Wants::Input,
            random: &mut random,
        };

        let mut y = if in_place { x.to_vec() } else { unwritten(rows * L::Out::LEN) };
        let mut scratch = unwritten(rows * needs.forward);
        let memory = Memory { saved: &mut saved, scratch: &mut scratch, workspace: &mut workspace };
        if in_place {
            layer.forward_in_place(&mut pass, &mut y, memory);
        } else {
            layer.forward(&mut pass, x, &mut y, memory);
        }

        let kept_x = if needs.input { x } else { &[] };
        let kept_y = if needs.output { &y[..] } else { &[] };
        let mut scratch = unwritten(rows * needs.backward);
        workspace.fill(T::NAN);
        let memory = Memory { saved: &mut saved, scratch: &mut scratch, workspace: &mut workspace };
        let mut dy = dy.to_vec();
        let mut dx = unwritten(x.len());
        if in_place {
            layer.backward_in_place(&mut pass, kept_x, kept_y, &mut dy, memory);
            dx = dy;
        } else {
            let edges = Backward { x: kept_x, y: kept_y, dy: &mut dy, dx: Some(&mut dx) };
            layer.backward(&mut pass, edges, Some(&mut gradient), memory);
        }
        LayerResult { y, dx, gradient: gradient.values().to_vec() }
    }
}

/// Runs a layer forward and backward with each instruction set; if it can work in place, in place too.
pub fn layer<I: Shape, L: Layer<I>>(
    layer: &L,
    x: &[L::Element],
    dy: &[L::Element],
    mut check: impl FnMut(Isa, LayerResult<L::Element>),
) {
    let work = |in_place| LayerWork { layer, x, dy, in_place, input: core::marker::PhantomData::<I> };
    for_each_isa(work(false), &mut check);
    if L::NEEDS.in_place {
        for_each_isa(work(true), &mut check);
    }
}

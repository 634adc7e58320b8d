//! `x + p`, `p * x` and kin, for a parameter `p`.

use core::marker::PhantomData;

use super::applied;
use crate::computed::Computed;
use crate::device::{Cpu, Device, Kernel, Operand, Pass};
use crate::element::Float;
use crate::extent::Extent;
use crate::graph::broadcast::{Broadcast, fit, is_suffix, positions, single};
use crate::graph::{Add, Binary};
use crate::kernel::Accumulate;
use crate::kernel::gemm::column_sums_on;
use crate::kernel::map::{BinaryMap, TernaryMap, zip, zip_in_place, zip3};
use crate::layer::{ArrayShape, Beginning, Param};
use crate::model::{Backward, Fit, Formulas, Layer, Memory, Module, Needs, Parameters, Path, Walk};
use crate::random::Random;
use crate::shape::{Dims, Shape};
use crate::simd::{Simd, Vector};

/// `f(x, p)`, or `f(p, x)` where the parameter is `FIRST`, element by element, with NumPy's rules of broadcasting.
#[repr(transparent)]
#[derive(Debug)]
pub struct AppliedElementwise<O, const FIRST: bool, P> {
    parameter: P,
    function: PhantomData<fn() -> O>,
}

applied!([O: Binary, const FIRST: bool,] AppliedElementwise [O, FIRST]);

impl<I, O, const FIRST: bool, S, B, T> Layer<I> for AppliedElementwise<O, FIRST, Param<S, B, T>>
where
    I: Shape,
    O: Binary,
    S: ArrayShape,
    B: Beginning,
    T: Float,
{
    type Out = Computed<Broadcast<I, S>>;
    const FIT: Fit = if FIRST { fit::<S, I>() } else { fit::<I, S>() };
    const FLOPS: usize = <Self::Out as Shape>::LEN;
    const NEEDS: Needs = Needs { input: O::KEEPS, workspace: S::LEN, ..Needs::NOTHING };
    const FORMULAS: Formulas = if FIRST { O::APPLIED_FIRST } else { O::APPLIED };

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[T], y: &mut [T], _: Memory<'_, T>) {
        let (rows, parameter) = (pass.rows().get(), self.parameter.values());
        pass.device().run(Forward::<O, FIRST, I, S, T> { rows, x, parameter, y, kinds: PhantomData });
    }

    #[inline(always)]
    fn backward<P: Pass>(
        &self,
        pass: &mut P,
        edges: Backward<'_, T>,
        gradient: Option<&mut Param<S, B, T>>,
        memory: Memory<'_, T>,
    ) {
        let Backward { x, dy, dx, .. } = edges;
        let (rows, accumulate, parameter) = (pass.rows().get(), pass.accumulate(), self.parameter.values());
        if let Some(dx) = dx {
            pass.device().run(ByInput::<O, FIRST, I, S, T> {
                rows,
                x,
                parameter,
                dy,
                dx,
                kinds: PhantomData,
            });
        }
        if let Some(gradient) = gradient {
            pass.device().run(ByParameter::<O, FIRST, I, S, T> {
                rows,
                x,
                parameter,
                dy,
                gradient: gradient.values_mut(),
                accumulate,
                workspace: memory.workspace,
                kinds: PhantomData,
            });
        }
    }
}

/// The function of an element of the input and one of the parameter.
#[derive(Clone, Copy)]
struct Value<O, const FIRST: bool>(PhantomData<O>);

impl<T: Float, O: Binary, const FIRST: bool> BinaryMap<T> for Value<O, FIRST> {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, x: V, p: V) -> V {
        if FIRST { O::value(p, x) } else { O::value(x, p) }
    }
}

/// Its derivative by the input, times a gradient.
#[derive(Clone, Copy)]
struct InputDerivative<O, const FIRST: bool>(PhantomData<O>);

impl<T: Float, O: Binary, const FIRST: bool> TernaryMap<T> for InputDerivative<O, FIRST> {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, x: V, p: V, gradient: V) -> V {
        gradient * if FIRST { O::by_second(p, x) } else { O::by_first(x, p) }
    }
}

/// Its derivative by the parameter, times a gradient.
#[derive(Clone, Copy)]
struct ParameterDerivative<O, const FIRST: bool>(PhantomData<O>);

impl<T: Float, O: Binary, const FIRST: bool> TernaryMap<T> for ParameterDerivative<O, FIRST> {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, x: V, p: V, gradient: V) -> V {
        gradient * if FIRST { O::by_first(p, x) } else { O::by_second(x, p) }
    }
}

#[derive(Clone, Copy)]
struct Plus;

impl<T: Float> BinaryMap<T> for Plus {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, a: V, b: V) -> V {
        Add::value(a, b)
    }
}

/// `y = f(x, p)`.
struct Forward<'a, O, const FIRST: bool, I, S, T> {
    rows: usize,
    x: &'a [T],
    parameter: &'a [T],
    y: &'a mut [T],
    kinds: PhantomData<(O, I, S)>,
}

impl<O: Binary, const FIRST: bool, I: Shape, S: Shape, T: Float> Kernel<T>
    for Forward<'_, O, FIRST, I, S, T>
{
    const NAME: &'static str = O::NAME;
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        let (first, second) = if FIRST { (self.parameter, self.x) } else { (self.x, self.parameter) };
        see(Operand::Input(first));
        see(Operand::Input(second));
        see(Operand::Output(self.y));
    }
    #[inline(always)]
    fn run<Isa: Simd>(self, cpu: Cpu<'_, Isa>) {
        let Forward { rows, x, parameter, y, .. } = self;
        let value = Value::<O, FIRST>(PhantomData);
        if const { is_suffix::<S, I>() } {
            for (x, y) in x.chunks_exact(S::LEN).zip(y.chunks_exact_mut(S::LEN)) {
                zip(cpu.simd, value, x, parameter, y);
            }
            return;
        }
        let length = <Computed<Broadcast<I, S>> as Shape>::LEN;
        for row in 0..rows {
            let (x, y) = (&x[row * I::LEN..][..I::LEN], &mut y[row * length..][..length]);
            let mut element = 0;
            positions::<I, S>(|at, of_parameter| {
                y[element] = single(|x, p| value.apply(x, p), x[at], parameter[of_parameter]);
                element += 1;
            });
        }
    }
}

/// `dx = dy * df/dx`. `x` is empty where the derivative is a constant.
struct ByInput<'a, O, const FIRST: bool, I, S, T> {
    rows: usize,
    x: &'a [T],
    parameter: &'a [T],
    dy: &'a [T],
    dx: &'a mut [T],
    kinds: PhantomData<(O, I, S)>,
}

impl<O: Binary, const FIRST: bool, I: Shape, S: Shape, T: Float> Kernel<T>
    for ByInput<'_, O, FIRST, I, S, T>
{
    const NAME: &'static str = "Gradient";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.dy));
        see(Operand::Output(self.dx));
    }
    #[inline(always)]
    fn run<Isa: Simd>(self, cpu: Cpu<'_, Isa>) {
        let ByInput { rows, x, parameter, dy, dx, .. } = self;
        let derivative = InputDerivative::<O, FIRST>(PhantomData);
        if const { is_suffix::<S, I>() } {
            // Where derivatives are constants, any numbers do for the operands.
            let x = if O::KEEPS { x } else { dy };
            let chunks = x.chunks_exact(S::LEN).zip(dy.chunks_exact(S::LEN));
            for ((x, dy), dx) in chunks.zip(dx.chunks_exact_mut(S::LEN)) {
                zip3(cpu.simd, derivative, x, parameter, dy, dx);
            }
            return;
        }
        dx.fill(T::ZERO);
        let length = <Computed<Broadcast<I, S>> as Shape>::LEN;
        for row in 0..rows {
            let (dy, dx) = (&dy[row * length..][..length], &mut dx[row * I::LEN..][..I::LEN]);
            let mut element = 0;
            positions::<I, S>(|at, of_parameter| {
                let x = if O::KEEPS { x[row * I::LEN + at] } else { T::ZERO };
                let derivative = single(
                    |x, p| if FIRST { O::by_second(p, x) } else { O::by_first(x, p) },
                    x,
                    parameter[of_parameter],
                );
                dx[at] += dy[element] * derivative;
                element += 1;
            });
        }
    }
}

/// `dp = Σ dy * df/dp` over the rows, or added to what is there. `x` is empty where the derivative is a constant.
struct ByParameter<'a, O, const FIRST: bool, I, S, T> {
    rows: usize,
    x: &'a [T],
    parameter: &'a [T],
    dy: &'a [T],
    gradient: &'a mut [T],
    accumulate: Accumulate,
    workspace: &'a mut [T],
    kinds: PhantomData<(O, I, S)>,
}

impl<O: Binary, const FIRST: bool, I: Shape, S: Shape, T: Float> Kernel<T>
    for ByParameter<'_, O, FIRST, I, S, T>
{
    const NAME: &'static str = "Gradient";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.dy));
        see(Operand::Output(self.gradient));
    }
    #[inline(always)]
    fn run<Isa: Simd>(self, cpu: Cpu<'_, Isa>) {
        let ByParameter { rows, x, parameter, dy, gradient, accumulate, workspace, .. } = self;
        let suffix = const { is_suffix::<S, I>() };
        if suffix && O::PASSES >> (!FIRST as u8) & 1 == 1 {
            let rows = rows * I::LEN / S::LEN;
            let (size, Cpu { simd, threads }) = ((rows, S::LEN), cpu);
            return column_sums_on(threads, simd, size, dy, S::LEN, gradient, accumulate);
        }
        if accumulate == Accumulate::Replace {
            gradient.fill(T::ZERO);
        }
        if suffix {
            let derivative = ParameterDerivative::<O, FIRST>(PhantomData);
            let (x, terms) = (if O::KEEPS { x } else { dy }, &mut workspace[..S::LEN]);
            for (x, dy) in x.chunks_exact(S::LEN).zip(dy.chunks_exact(S::LEN)) {
                zip3(cpu.simd, derivative, x, parameter, dy, terms);
                zip_in_place(cpu.simd, Plus, terms, gradient);
            }
            return;
        }
        let length = <Computed<Broadcast<I, S>> as Shape>::LEN;
        for row in 0..rows {
            let dy = &dy[row * length..][..length];
            let mut element = 0;
            positions::<I, S>(|at, of_parameter| {
                let x = if O::KEEPS { x[row * I::LEN + at] } else { T::ZERO };
                let derivative = single(
                    |x, p| if FIRST { O::by_first(p, x) } else { O::by_second(x, p) },
                    x,
                    parameter[of_parameter],
                );
                gradient[of_parameter] += dy[element] * derivative;
                element += 1;
            });
        }
    }
}

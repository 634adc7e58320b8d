//! Sums, means and largest elements over one axis or all.

use core::marker::PhantomData;

use crate::computed::{Computed, ShapeFunction};
use crate::device::{Cpu, Device, Kernel, Operand, Pass};
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::reduce::{maximum, sum};
use crate::message::Text;
use crate::model::{Fit, Formula, Formulas, Memory, Needs, Operation, OperationBackward};
use crate::shape::{Dims, MAX_RANK, Shape};
use crate::simd::Simd;

/// A way to make one number of several.
pub trait Reduction: Copy + Default + Send + Sync + 'static {
    /// ONNX's name for it.
    const NAME: &'static str;
    /// How the gradient is written on paper.
    const DERIVATIVE: Formula;
    /// Whether the gradient needs to see the elements: only the first of the largest gets one.
    const LARGEST: bool = false;
    /// Whether the sum is divided by the number of elements.
    const MEAN: bool = false;
}

/// The sum.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum;

impl Reduction for Sum {
    const NAME: &'static str = "ReduceSum";
    const DERIVATIVE: Formula = &["{dy}, repeated"];
}

/// The mean.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mean;

impl Reduction for Mean {
    const NAME: &'static str = "ReduceMean";
    const DERIVATIVE: Formula = &["{dy} / count, repeated"];
    const MEAN: bool = true;
}

/// The largest; the first of equals gets the gradient, as in PyTorch's `max` along an axis.
#[derive(Clone, Copy, Debug, Default)]
pub struct Max;

impl Reduction for Max {
    const NAME: &'static str = "ReduceMax";
    const DERIVATIVE: Formula = &["({0} is the largest ? {dy} : 0)"];
    const LARGEST: bool = true;
}

/// One number for each place along `AXIS`, which vanishes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reduce<R, const AXIS: usize>(R);

/// One number for a sample.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReduceAll<R>(R);

/// The shape of `A` without `AXIS`.
#[derive(Clone, Copy, Debug)]
pub struct Without<A, const AXIS: usize>(PhantomData<A>);

impl<A: Shape, const AXIS: usize> ShapeFunction for Without<A, AXIS> {
    const RANK: usize = A::RANK.saturating_sub(1);
    const DIMS: Dims = {
        let (mut dims, mut axis) = ([0; MAX_RANK], 0);
        while axis < Self::RANK {
            dims[axis] = A::DIMS[if axis < AXIS { axis } else { axis + 1 }];
            axis += 1;
        }
        dims
    };
}

/// How many numbers lie before, along and behind an axis: the sample as `[outer, length, inner]`.
const fn split<A: Shape>(axis: usize) -> (usize, usize, usize) {
    let (mut outer, mut inner, mut at) = (1, 1, 0);
    while at < A::RANK {
        if at < axis {
            outer *= A::DIMS[at];
        } else if at > axis {
            inner *= A::DIMS[at];
        }
        at += 1;
    }
    (outer, if axis < A::RANK { A::DIMS[axis] } else { 1 }, inner)
}

impl<A: Shape, R: Reduction, T: Float, const AXIS: usize> Operation<(A,), T> for Reduce<R, AXIS> {
    type Out = Computed<Without<A, AXIS>>;
    const FIT: Fit = if AXIS < A::RANK {
        Fit::Fits
    } else {
        Fit::mismatch(
            Text::new("goes along axis ").number(AXIS),
            Text::EMPTY.shape::<A>(),
            Text::EMPTY.axes(A::RANK),
        )
    };
    const FLOPS: usize = A::LEN;
    const NEEDS: Needs = Needs { input: R::LARGEST, ..Needs::NOTHING };
    const FORMULAS: Formulas = Formulas { value: &[], edges: &[R::DERIVATIVE], parameters: &[] };

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[&[T]], y: &mut [T], _: Memory<'_, T>) {
        let (outer, length, inner) = const { split::<A>(AXIS) };
        let outer = pass.rows().get() * outer;
        pass.device().run(ReduceForward { reduction: self.0, size: (outer, length, inner), x: x[0], y });
    }

    #[inline(always)]
    fn backward<P: Pass>(&self, pass: &mut P, edges: OperationBackward<'_, '_, T>, _: Memory<'_, T>) {
        let (outer, length, inner) = const { split::<A>(AXIS) };
        let OperationBackward { x, dy, dx, .. } = edges;
        let size = (pass.rows().get() * outer, length, inner);
        pass.device().run(ReduceBackward { reduction: self.0, size, x: x[0], dy, dx: &mut *dx[0] });
    }
}

impl<A: Shape, R: Reduction, T: Float> Operation<(A,), T> for ReduceAll<R> {
    type Out = ();
    const FLOPS: usize = A::LEN;
    const NEEDS: Needs = Needs { input: R::LARGEST, ..Needs::NOTHING };
    const FORMULAS: Formulas = Formulas { value: &[], edges: &[R::DERIVATIVE], parameters: &[] };

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[&[T]], y: &mut [T], _: Memory<'_, T>) {
        let size = (pass.rows().get(), A::LEN, 1);
        pass.device().run(ReduceForward { reduction: self.0, size, x: x[0], y });
    }

    #[inline(always)]
    fn backward<P: Pass>(&self, pass: &mut P, edges: OperationBackward<'_, '_, T>, _: Memory<'_, T>) {
        let OperationBackward { x, dy, dx, .. } = edges;
        let size = (pass.rows().get(), A::LEN, 1);
        pass.device().run(ReduceBackward { reduction: self.0, size, x: x[0], dy, dx: &mut *dx[0] });
    }
}

/// Numbers that are worth handing to another thread.
const LEAST: usize = 32 * 1024;

/// `y[o, i] = reduce over l of x[o, l, i]`.
struct ReduceForward<'a, R, T> {
    reduction: R,
    size: (usize, usize, usize),
    x: &'a [T],
    y: &'a mut [T],
}

impl<R: Reduction, T: Float> Kernel<T> for ReduceForward<'_, R, T> {
    const NAME: &'static str = R::NAME;
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.x));
        see(Operand::Output(self.y));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        let ReduceForward { reduction, size: (outer, length, inner), x, y } = self;
        let _ = reduction;
        let y = &mut y[..outer * inner];
        let parts = cpu.threads.parts(outer * length * inner, LEAST);
        cpu.threads.each_part(parts, inner, y, &|start, y| {
            let x = &x[start * length..][..y.len() * length];
            cpu.simd.vectorize(
                #[inline(always)]
                || reduce::<R, S, T>(cpu.simd, length, inner, x, y),
            );
        });
    }
}

/// `y[o, i] = reduce over l of x[o, l, i]` on one thread.
#[inline(always)]
fn reduce<R: Reduction, S: Simd, T: Float>(simd: S, length: usize, inner: usize, x: &[T], y: &mut [T]) {
    for (x, y) in x.chunks_exact(length * inner).zip(y.chunks_exact_mut(inner)) {
        if inner == 1 {
            y[0] = if R::LARGEST { maximum(simd, x) } else { sum(simd, x) };
        } else {
            y.copy_from_slice(&x[..inner]);
            for x in x[inner..].chunks_exact(inner) {
                for (y, x) in y.iter_mut().zip(x) {
                    // A NaN among the elements is the largest, as in PyTorch.
                    *y = if !R::LARGEST {
                        *y + *x
                    } else if *x > *y || x.is_nan() {
                        *x
                    } else {
                        *y
                    };
                }
            }
        }
        if R::MEAN {
            let count = T::from_usize(length);
            y.iter_mut().for_each(|y| *y /= count);
        }
    }
}

struct ReduceBackward<'a, R, T> {
    reduction: R,
    size: (usize, usize, usize),
    x: &'a [T],
    dy: &'a [T],
    dx: &'a mut [T],
}

impl<R: Reduction, T: Float> Kernel<T> for ReduceBackward<'_, R, T> {
    const NAME: &'static str = "Gradient";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.x));
        see(Operand::Input(self.dy));
        see(Operand::Output(self.dx));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        let ReduceBackward { reduction, size: (outer, length, inner), x, dy, dx } = self;
        let _ = reduction;
        let (whole, dx) = (length * inner, &mut dx[..outer * length * inner]);
        let parts = cpu.threads.parts(dx.len(), LEAST);
        cpu.threads.each_part(parts, whole, dx, &|start, dx| {
            let dy = &dy[start / length..][..dx.len() / length];
            let blocks = dx.chunks_exact_mut(whole).zip(dy.chunks_exact(inner)).enumerate();
            for (block, (dx, dy)) in blocks {
                // The elements are read only where one of them is looked for.
                let x = if R::LARGEST { &x[start + block * whole..][..whole] } else { &[] };
                spread::<R, T>(length, inner, x, dy, dx);
            }
        });
    }
}

/// The gradient by the elements of one block.
#[inline(always)]
fn spread<R: Reduction, T: Float>(length: usize, inner: usize, x: &[T], dy: &[T], dx: &mut [T]) {
    if R::LARGEST {
        dx.fill(T::ZERO);
        for (place, dy) in dy.iter().enumerate() {
            let mut largest = 0;
            for index in 1..length {
                let (candidate, best) = (x[index * inner + place], x[largest * inner + place]);
                if candidate > best || candidate.is_nan() && !best.is_nan() {
                    largest = index;
                }
            }
            dx[largest * inner + place] = *dy;
        }
        return;
    }
    let count = T::from_usize(length);
    for dx in dx.chunks_exact_mut(inner) {
        for (dx, dy) in dx.iter_mut().zip(dy) {
            *dx = if R::MEAN { *dy / count } else { *dy };
        }
    }
}

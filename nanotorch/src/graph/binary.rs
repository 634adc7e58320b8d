//! `a + b`, `a - b`, `a * b`, `a / b` between edges, element by element, with NumPy's rules of broadcasting.

use core::marker::PhantomData;

use super::broadcast::{Broadcast, fit, is_suffix, positions, single};
use crate::computed::Computed;
use crate::device::{Cpu, Device, Kernel, Operand, Pass};
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::map::{BinaryMap, TernaryMap, zip, zip_in_place, zip3};
use crate::model::{Fit, Formulas, Memory, Needs, Operation, OperationBackward};
use crate::shape::{Shape, same_shape};
use crate::simd::{Simd, Vector};

/// A function of two numbers with its partial derivatives.
pub trait Binary: Copy + Default + Send + Sync + 'static {
    /// ONNX's name for it.
    const NAME: &'static str;
    /// Whether the derivatives are computed from the operands; otherwise they are constants.
    const KEEPS: bool;
    /// Whether it is linear in each of the operands, so that a derivative depends on the other one alone.
    const BILINEAR: bool = false;
    /// For each operand a bit, the lowest for the first: the gradient by it is that by the value.
    const PASSES: u8 = 0;
    /// How it is written on paper with an edge and a parameter, which is the second operand.
    const APPLIED: Formulas = Formulas::CALL;
    /// The same where the parameter is the first operand.
    const APPLIED_FIRST: Formulas = Formulas::CALL;
    /// The value.
    fn value<V: Vector>(a: V, b: V) -> V;
    /// The derivative by the first operand.
    fn by_first<V: Vector>(a: V, b: V) -> V;
    /// The derivative by the second operand.
    fn by_second<V: Vector>(a: V, b: V) -> V;
}

macro_rules! binary {
    ($(#[$doc:meta])* $Name:ident, $onnx:literal, keeps: $keeps:literal, passes: $passes:literal $(bilinear: $bilinear:literal)?, [$written:literal, $by_first:literal, $by_second:literal], [$applied:literal, $by_edge:literal, $by_parameter:literal], [$first:literal, $first_by_edge:literal, $first_by_parameter:literal], |$a:ident, $b:ident| $value:expr, $first_derivative:expr, $second_derivative:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $Name;

        impl Binary for $Name {
            const NAME: &'static str = $onnx;
            const KEEPS: bool = $keeps;
            $(const BILINEAR: bool = $bilinear;)?
            const PASSES: u8 = $passes;
            const APPLIED: Formulas = Formulas {
                value: &[$applied],
                edges: &[&[$by_edge]],
                parameters: &[("", &[$by_parameter, ", summed over the rows"])],
            };
            const APPLIED_FIRST: Formulas = Formulas {
                value: &[$first],
                edges: &[&[$first_by_edge]],
                parameters: &[("", &[$first_by_parameter, ", summed over the rows"])],
            };
            #[inline(always)]
            fn value<V: Vector>($a: V, $b: V) -> V {
                $value
            }
            #[inline(always)]
            fn by_first<V: Vector>($a: V, $b: V) -> V {
                let _ = ($a, $b);
                $first_derivative
            }
            #[inline(always)]
            fn by_second<V: Vector>($a: V, $b: V) -> V {
                let _ = ($a, $b);
                $second_derivative
            }
        }

        impl<A: Shape, B: Shape, T: Float> Operation<(A, B), T> for $Name {
            type Out = Computed<Broadcast<A, B>>;
            const FIT: Fit = fit::<A, B>();
            const FLOPS: usize = <Self::Out as Shape>::LEN;
            const NEEDS: Needs = needs::<A, B>($keeps, $passes);
            const FORMULAS: Formulas =
                Formulas { value: &[$written], edges: &[&[$by_first], &[$by_second]], parameters: &[] };

            #[inline(always)]
            fn forward<P: Pass>(&self, pass: &mut P, x: &[&[T]], y: &mut [T], _: Memory<'_, T>) {
                let rows = pass.rows().get();
                pass.device().run(BinaryForward::<$Name, A, B, T> { rows, a: x[0], b: x[1], y, shapes: PhantomData });
            }

            #[inline(always)]
            fn forward_in_place<P: Pass>(
                &self,
                pass: &mut P,
                replaced: usize,
                x: &[&[T]],
                y: &mut [T],
                _: Memory<'_, T>,
            ) {
                let first = replaced == 0;
                let x = x[1 - replaced];
                pass.device().run(BinaryInPlace::<$Name, T> { first, x, y, function: PhantomData });
            }

            #[inline(always)]
            fn backward<P: Pass>(&self, pass: &mut P, edges: OperationBackward<'_, '_, T>, _: Memory<'_, T>) {
                let OperationBackward { x, dy, dx, .. } = edges;
                let rows = pass.rows().get();
                let (a, b) = (x[0], x[1]);
                if let [first, second] = dx {
                    let (da, db) = (&mut **first, &mut **second);
                    pass.device().run(BinaryBackward::<$Name, A, B, T> { rows, a, b, dy, da, db, shapes: PhantomData });
                }
            }
        }
    };
}

binary!(
    /// `a + b`.
    Add, "Add", keeps: false, passes: 0b11, ["{0} + {1}", "{dy}", "{dy}"],
    ["{0} + {self}", "{dy}", "{dy}"],
    ["{self} + {0}", "{dy}", "{dy}"], |a, b| a + b, one(a), one(a)
);
binary!(
    /// `a - b`.
    Subtract, "Sub", keeps: false, passes: 0b01, ["{0} - {1}", "{dy}", "-{dy}"],
    ["{0} - {self}", "{dy}", "-{dy}"],
    ["{self} - {0}", "-{dy}", "{dy}"], |a, b| a - b, one(a), -one(a)
);
binary!(
    /// `a * b`; the derivatives are `b` and `a`.
    Multiply, "Mul", keeps: true, passes: 0 bilinear: true, ["{0} * {1}", "{dy} * {1}", "{dy} * {0}"],
    ["{0} * {self}", "{dy} * {self}", "{dy} * {0}"],
    ["{self} * {0}", "{dy} * {self}", "{dy} * {0}"], |a, b| a * b, b, a
);
binary!(
    /// `a / b`; the derivatives are `1 / b` and `-a / b²`.
    Divide, "Div", keeps: true, passes: 0, ["{0} / {1}", "{dy} / {1}", "-{dy} * {0} / {1}²"],
    ["{0} / {self}", "{dy} / {self}", "-{dy} * {0} / {self}²"],
    ["{self} / {0}", "-{dy} * {self} / {0}²", "{dy} / {0}"], |a, b| a / b, one(b) / b, -a / (b * b)
);

#[inline(always)]
fn one<V: Vector>(like: V) -> V {
    V::splat(like.isa(), V::Scalar::ONE)
}

/// An edge that is longer than the other is as long as the result, and so may be replaced by it; but then the other is
/// broadcast, for which there is no form in place.
const fn needs<A: Shape, B: Shape>(keeps: bool, passes: u8) -> Needs {
    let same = same_shape::<A, B>();
    Needs { input: keeps, in_place: same, passes: if same { passes } else { 0 }, ..Needs::NOTHING }
}

#[derive(Clone, Copy)]
struct Value<O>(PhantomData<O>);

impl<T: Float, O: Binary> BinaryMap<T> for Value<O> {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, a: V, b: V) -> V {
        O::value(a, b)
    }
}

#[derive(Clone, Copy)]
struct Swapped<O>(PhantomData<O>);

impl<T: Float, O: Binary> BinaryMap<T> for Swapped<O> {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, a: V, b: V) -> V {
        O::value(b, a)
    }
}

#[derive(Clone, Copy)]
struct ByFirst<O>(PhantomData<O>);

impl<T: Float, O: Binary> TernaryMap<T> for ByFirst<O> {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, a: V, b: V, gradient: V) -> V {
        gradient * O::by_first(a, b)
    }
}

#[derive(Clone, Copy)]
struct BySecond<O>(PhantomData<O>);

impl<T: Float, O: Binary> TernaryMap<T> for BySecond<O> {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, a: V, b: V, gradient: V) -> V {
        gradient * O::by_second(a, b)
    }
}

/// `y = f(y, x)` if `y` is the first operand, else `y = f(x, y)`, for operands of one shape.
struct BinaryInPlace<'a, O, T> {
    first: bool,
    x: &'a [T],
    y: &'a mut [T],
    function: PhantomData<O>,
}

impl<O: Binary, T: Float> Kernel<T> for BinaryInPlace<'_, O, T> {
    const NAME: &'static str = O::NAME;
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        let (a, b) = if self.first { (&*self.y, self.x) } else { (self.x, &*self.y) };
        see(Operand::Input(a));
        see(Operand::Input(b));
        see(Operand::Output(self.y));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<'_, S>) {
        if self.first {
            zip_in_place(cpu.simd, Swapped::<O>(PhantomData), self.x, self.y);
        } else {
            zip_in_place(cpu.simd, Value::<O>(PhantomData), self.x, self.y);
        }
    }
}

struct BinaryForward<'a, O, A, B, T> {
    rows: usize,
    a: &'a [T],
    b: &'a [T],
    y: &'a mut [T],
    shapes: PhantomData<(O, A, B)>,
}

impl<O: Binary, A: Shape, B: Shape, T: Float> Kernel<T> for BinaryForward<'_, O, A, B, T> {
    const NAME: &'static str = O::NAME;
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.a));
        see(Operand::Input(self.b));
        see(Operand::Output(self.y));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<'_, S>) {
        if const { same_shape::<A, B>() } {
            return zip(cpu.simd, Value::<O>(PhantomData), self.a, self.b, self.y);
        }
        let length = <Computed<Broadcast<A, B>> as Shape>::LEN;
        if const { is_suffix::<B, A>() } {
            for (row, b) in self.b.chunks_exact(B::LEN).enumerate() {
                let (a, y) = (&self.a[row * length..][..length], &mut self.y[row * length..][..length]);
                for (a, y) in a.chunks_exact(B::LEN).zip(y.chunks_exact_mut(B::LEN)) {
                    zip(cpu.simd, Value::<O>(PhantomData), a, b, y);
                }
            }
            return;
        }
        for row in 0..self.rows {
            let (a, b) = (&self.a[row * A::LEN..][..A::LEN], &self.b[row * B::LEN..][..B::LEN]);
            let y = &mut self.y[row * length..][..length];
            let mut element = 0;
            positions::<A, B>(|in_a, in_b| {
                y[element] = single(O::value, a[in_a], b[in_b]);
                element += 1;
            });
        }
    }
}

/// The operands are empty where the function doesn't keep them, a gradient where nobody wants it.
struct BinaryBackward<'a, O, A, B, T> {
    rows: usize,
    a: &'a [T],
    b: &'a [T],
    dy: &'a [T],
    da: &'a mut [T],
    db: &'a mut [T],
    shapes: PhantomData<(O, A, B)>,
}

impl<O: Binary, A: Shape, B: Shape, T: Float> Kernel<T> for BinaryBackward<'_, O, A, B, T> {
    const NAME: &'static str = "Gradient";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.dy));
        see(Operand::Output(self.da));
        see(Operand::Output(self.db));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<'_, S>) {
        let BinaryBackward { rows, a, b, dy, da, db, .. } = self;
        if const { same_shape::<A, B>() } {
            // Where derivatives are constants, any numbers do for the operands.
            let (a, b) = if O::KEEPS { (a, b) } else { (dy, dy) };
            if !da.is_empty() {
                zip3(cpu.simd, ByFirst::<O>(PhantomData), a, b, dy, da);
            }
            if !db.is_empty() {
                zip3(cpu.simd, BySecond::<O>(PhantomData), a, b, dy, db);
            }
            return;
        }
        da.fill(T::ZERO);
        db.fill(T::ZERO);
        let length = <Computed<Broadcast<A, B>> as Shape>::LEN;
        for row in 0..rows {
            let dy = &dy[row * length..][..length];
            let mut element = 0;
            positions::<A, B>(|in_a, in_b| {
                let (in_a, in_b) = (row * A::LEN + in_a, row * B::LEN + in_b);
                let (a, b) = if O::KEEPS { (a[in_a], b[in_b]) } else { (T::ZERO, T::ZERO) };
                if !da.is_empty() {
                    da[in_a] += dy[element] * single(O::by_first, a, b);
                }
                if !db.is_empty() {
                    db[in_b] += dy[element] * single(O::by_second, a, b);
                }
                element += 1;
            });
        }
    }
}

//! `a + b`, `a - b`, `a * b`, `a / b` between edges, element by element, with NumPy's rules of broadcasting: shapes are
//! aligned at the last axis, and an axis of length 1, or one that isn't there, is repeated.

use core::marker::PhantomData;

use crate::computed::{Computed, ShapeFunction};
use crate::device::{Cpu, Device, Kernel, Operand, Pass};
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::map::{BinaryMap, TernaryMap, zip, zip_in_place, zip3};
use crate::message::Text;
use crate::model::{Fit, Formulas, Memory, Needs, Operation, OperationBackward};
use crate::shape::{Dims, MAX_RANK, Shape, same_shape};
use crate::simd::{Scalar, Simd, Vector, VectorOf};

/// A function of two numbers with its partial derivatives.
pub trait Binary: Copy + Default + Send + Sync + 'static {
    /// ONNX's name for it.
    const NAME: &'static str;
    /// Whether the derivatives are computed from the operands; otherwise they are constants.
    const KEEPS: bool;
    /// Whether it is linear in each of the operands, so that a derivative depends on the other one alone.
    const BILINEAR: bool = false;
    /// The value.
    fn value<V: Vector>(a: V, b: V) -> V;
    /// The derivative by the first operand.
    fn by_first<V: Vector>(a: V, b: V) -> V;
    /// The derivative by the second operand.
    fn by_second<V: Vector>(a: V, b: V) -> V;
}

macro_rules! binary {
    ($(#[$doc:meta])* $Name:ident, $onnx:literal, keeps: $keeps:literal, passes: $passes:literal $(bilinear: $bilinear:literal)?, [$written:literal, $by_first:literal, $by_second:literal], |$a:ident, $b:ident| $value:expr, $first:expr, $second:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $Name;

        impl Binary for $Name {
            const NAME: &'static str = $onnx;
            const KEEPS: bool = $keeps;
            $(const BILINEAR: bool = $bilinear;)?
            #[inline(always)]
            fn value<V: Vector>($a: V, $b: V) -> V {
                $value
            }
            #[inline(always)]
            fn by_first<V: Vector>($a: V, $b: V) -> V {
                let _ = ($a, $b);
                $first
            }
            #[inline(always)]
            fn by_second<V: Vector>($a: V, $b: V) -> V {
                let _ = ($a, $b);
                $second
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
    Add, "Add", keeps: false, passes: 0b11, ["{0} + {1}", "{dy}", "{dy}"], |a, b| a + b, one(a), one(a)
);
binary!(
    /// `a - b`.
    Subtract, "Sub", keeps: false, passes: 0b01, ["{0} - {1}", "{dy}", "-{dy}"], |a, b| a - b, one(a), -one(a)
);
binary!(
    /// `a * b`; the derivatives are `b` and `a`.
    Multiply, "Mul", keeps: true, passes: 0 bilinear: true, ["{0} * {1}", "{dy} * {1}", "{dy} * {0}"], |a, b| a * b, b, a
);
binary!(
    /// `a / b`; the derivatives are `1 / b` and `-a / b²`.
    Divide, "Div", keeps: true, passes: 0, ["{0} / {1}", "{dy} / {1}", "-{dy} * {0} / {1}²"], |a, b| a / b, one(b) / b, -a / (b * b)
);

#[inline(always)]
fn one<V: Vector>(like: V) -> V {
    V::splat(like.isa(), V::Scalar::ONE)
}

/// The shape of two edges together: on each axis the longer length.
#[derive(Clone, Copy, Debug)]
pub struct Broadcast<A, B>(PhantomData<(A, B)>);

impl<A: Shape, B: Shape> ShapeFunction for Broadcast<A, B> {
    const RANK: usize = if A::RANK > B::RANK { A::RANK } else { B::RANK };
    const DIMS: Dims = {
        let mut dims = [0; MAX_RANK];
        let mut axis = 0;
        while axis < Self::RANK {
            let (a, b) = (aligned::<A>(Self::RANK, axis), aligned::<B>(Self::RANK, axis));
            dims[axis] = if a > b { a } else { b };
            axis += 1;
        }
        dims
    };
}

/// The length of a shape on an axis of a shape of `rank` axes; 1 where it has no such axis.
const fn aligned<S: Shape>(rank: usize, axis: usize) -> usize {
    if axis + S::RANK < rank { 1 } else { S::DIMS[axis + S::RANK - rank] }
}

/// An edge that is longer than the other is as long as the result, and so may be replaced by it; but then the other is
/// broadcast, for which there is no form in place.
const fn needs<A: Shape, B: Shape>(keeps: bool, passes: u8) -> Needs {
    let same = same_shape::<A, B>();
    Needs { input: keeps, in_place: same, passes: if same { passes } else { 0 }, ..Needs::NOTHING }
}

const fn fit<A: Shape, B: Shape>() -> Fit {
    let rank = if A::RANK > B::RANK { A::RANK } else { B::RANK };
    let mut axis = 0;
    while axis < rank {
        let (a, b) = (aligned::<A>(rank, axis), aligned::<B>(rank, axis));
        if a != b && a != 1 && b != 1 {
            return Fit::mismatch(
                Text::new(
                    "takes edges of one shape, or of lengths that are equal or 1 from the last axis on",
                ),
                Text::EMPTY.shape::<A>().text(" and ").shape::<B>(),
                Text::EMPTY,
            );
        }
        axis += 1;
    }
    Fit::Fits
}

/// How far apart neighbours on each axis of the result lie in an operand: 0 where it is repeated.
const fn strides<S: Shape, R: ShapeFunction>() -> Dims {
    let mut strides = [0; MAX_RANK];
    let (mut axis, mut stride) = (R::RANK, 1);
    while axis > 0 {
        axis -= 1;
        let length = aligned::<S>(R::RANK, axis);
        strides[axis] = if length == 1 { 0 } else { stride };
        stride *= length;
    }
    strides
}

/// Calls `visit` with the positions in both operands of each element of a sample's result, in order.
#[inline(always)]
fn positions<A: Shape, B: Shape>(mut visit: impl FnMut(usize, usize)) {
    let (rank, dims) = (Broadcast::<A, B>::RANK, Broadcast::<A, B>::DIMS);
    let (a, b) = const { (strides::<A, Broadcast<A, B>>(), strides::<B, Broadcast<A, B>>()) };
    let mut index = [0; MAX_RANK];
    let (mut in_a, mut in_b) = (0, 0);
    loop {
        visit(in_a, in_b);
        let mut axis = rank;
        loop {
            if axis == 0 {
                return;
            }
            axis -= 1;
            index[axis] += 1;
            in_a += a[axis];
            in_b += b[axis];
            if index[axis] < dims[axis] {
                break;
            }
            in_a -= a[axis] * dims[axis];
            in_b -= b[axis] * dims[axis];
            index[axis] = 0;
        }
    }
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

/// A function of one element of each operand.
#[inline(always)]
fn single<T: Float>(
    f: impl Fn(VectorOf<Scalar, T>, VectorOf<Scalar, T>) -> VectorOf<Scalar, T>,
    a: T,
    b: T,
) -> T {
    f(VectorOf::<Scalar, T>::splat(Scalar, a), VectorOf::<Scalar, T>::splat(Scalar, b)).sum()
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

//! `a.matmul(b)`: the matrix product of the last two axes, for each place on the axes before them.

use core::marker::PhantomData;

use crate::computed::{Computed, ShapeFunction};
use crate::device::{Cpu, Device, Kernel, Operand, Pass};
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::Accumulate;
use crate::kernel::gemm::workspace;
use crate::message::Text;
use crate::model::{Fit, Formulas, Memory, Needs, Operation, OperationBackward};
use crate::op::product;
use crate::shape::{Dims, Shape};
use crate::simd::Simd;

/// `y[.., m, n] = sum over k of a[.., m, k] b[.., k, n]`.
#[derive(Clone, Copy, Debug, Default)]
pub struct MatrixProduct;

/// The shape of the product.
#[derive(Clone, Copy, Debug)]
pub struct ProductOf<A, B>(PhantomData<(A, B)>);

impl<A: Shape, B: Shape> ShapeFunction for ProductOf<A, B> {
    const RANK: usize = A::RANK;
    const DIMS: Dims = {
        let mut dims = A::DIMS;
        if A::RANK >= 2 {
            dims[A::RANK - 1] = Sizes::of::<A, B>().n;
        }
        dims
    };
}

/// The sizes of one product, and how many there are in a sample.
#[derive(Clone, Copy)]
struct Sizes {
    count: usize,
    m: usize,
    n: usize,
    k: usize,
}

impl Sizes {
    const fn of<A: Shape, B: Shape>() -> Sizes {
        if A::RANK < 2 || B::RANK < 2 {
            return Sizes { count: 0, m: 0, n: 0, k: 0 };
        }
        let (m, k, n) = (A::DIMS[A::RANK - 2], A::DIMS[A::RANK - 1], B::DIMS[B::RANK - 1]);
        let count = match A::LEN.checked_div(m * k) {
            Some(count) => count,
            None => 0,
        };
        Sizes { count, m, n, k }
    }
}

const fn fit<A: Shape, B: Shape>() -> Fit {
    let given = Text::EMPTY.shape::<A>().text(" and ").shape::<B>();
    if A::RANK < 2 || B::RANK < 2 {
        return Fit::mismatch(
            Text::new("takes edges of at least 2 axes"),
            given,
            Text::new("give a vector a second axis with `reshape`"),
        );
    }
    let mut axis = 0;
    let mut same = A::RANK == B::RANK;
    while axis + 2 < A::RANK {
        same = same && A::DIMS[axis] == B::DIMS[axis];
        axis += 1;
    }
    if !same {
        return Fit::mismatch(
            Text::new("takes edges that agree on the axes before the last two"),
            given,
            Text::new("give both the same number of matrices"),
        );
    }
    if A::DIMS[A::RANK - 1] != B::DIMS[B::RANK - 2] {
        let takes = Text::new("takes a second edge of ")
            .number(A::DIMS[A::RANK - 1])
            .text(" rows, as many as the first has columns");
        let fix = if A::DIMS[A::RANK - 1] == B::DIMS[B::RANK - 1] {
            Text::new("transpose the second: `a.matmul(b.t())`")
        } else {
            Text::new("make ")
                .number(A::DIMS[A::RANK - 1])
                .text(" and ")
                .number(B::DIMS[B::RANK - 2])
                .text(" equal")
        };
        return Fit::mismatch(takes, given, fix);
    }
    Fit::Fits
}

const fn largest(numbers: [usize; 3]) -> usize {
    let [a, b, c] = numbers;
    let most = if a > b { a } else { b };
    if most > c { most } else { c }
}

impl<A: Shape, B: Shape, T: Float> Operation<(A, B), T> for MatrixProduct {
    type Out = Computed<ProductOf<A, B>>;
    const FIT: Fit = fit::<A, B>();
    const FLOPS: usize = {
        let Sizes { count, m, n, k } = Sizes::of::<A, B>();
        2 * count * m * n * k
    };
    const NEEDS: Needs = {
        let Sizes { m, n, k, .. } = Sizes::of::<A, B>();
        Needs {
            input: true,
            workspace: largest([workspace(n, k), workspace(k, n), workspace(n, m)]),
            ..Needs::NOTHING
        }
    };
    const FORMULAS: Formulas =
        Formulas { value: &["{0} {1}"], edges: &[&["{dy} {1}ᵀ"], &["{0}ᵀ {dy}"]], parameters: &[] };

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[&[T]], y: &mut [T], memory: Memory<'_, T>) {
        let sizes = Sizes {
            count: pass.rows().get() * const { Sizes::of::<A, B>() }.count,
            ..const { Sizes::of::<A, B>() }
        };
        pass.device().run(ProductForward { sizes, a: x[0], b: x[1], y, workspace: memory.workspace });
    }

    #[inline(always)]
    fn backward<P: Pass>(&self, pass: &mut P, edges: OperationBackward<'_, '_, T>, memory: Memory<'_, T>) {
        let sizes = Sizes {
            count: pass.rows().get() * const { Sizes::of::<A, B>() }.count,
            ..const { Sizes::of::<A, B>() }
        };
        let OperationBackward { x, dy, dx, .. } = edges;
        if let [first, second] = dx {
            let (da, db) = (&mut **first, &mut **second);
            pass.device().run(ProductBackward {
                sizes,
                a: x[0],
                b: x[1],
                dy,
                da,
                db,
                workspace: memory.workspace,
            });
        }
    }
}

struct ProductForward<'a, T> {
    sizes: Sizes,
    a: &'a [T],
    b: &'a [T],
    y: &'a mut [T],
    workspace: &'a mut [T],
}

impl<T: Float> Kernel<T> for ProductForward<'_, T> {
    const NAME: &'static str = "MatMul";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.a));
        see(Operand::Input(self.b));
        see(Operand::Output(self.y));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        let Sizes { count, m, n, k } = self.sizes;
        for index in 0..count {
            let (a, b) = (&self.a[index * m * k..][..m * k], &self.b[index * k * n..][..k * n]);
            let y = &mut self.y[index * m * n..][..m * n];
            product::forward(cpu, [m, n, k], [a, b], y, self.workspace);
        }
    }
}

/// `da = dy bᵀ`, `db = aᵀ dy`; a gradient is empty where nobody wants it.
struct ProductBackward<'a, T> {
    sizes: Sizes,
    a: &'a [T],
    b: &'a [T],
    dy: &'a [T],
    da: &'a mut [T],
    db: &'a mut [T],
    workspace: &'a mut [T],
}

impl<T: Float> Kernel<T> for ProductBackward<'_, T> {
    const NAME: &'static str = "Gradient";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.dy));
        see(Operand::Output(self.da));
        see(Operand::Output(self.db));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        let Sizes { count, m, n, k } = self.sizes;
        for index in 0..count {
            let (a, b) = (&self.a[index * m * k..][..m * k], &self.b[index * k * n..][..k * n]);
            let dy = &self.dy[index * m * n..][..m * n];
            if !self.da.is_empty() {
                let da = &mut self.da[index * m * k..][..m * k];
                product::by_first(cpu, [m, n, k], [dy, b], da, Accumulate::Replace, self.workspace);
            }
            if !self.db.is_empty() {
                let db = &mut self.db[index * k * n..][..k * n];
                product::by_second(cpu, [m, n, k], [a, dy], db, Accumulate::Replace, self.workspace);
            }
        }
    }
}

//! Products of matrices, batched.

use super::{Edges, Kind, Layout, Room, Rule};
use crate::device::{Cpu, Kernel, Operand};
use crate::element::Float;
use crate::kernel::Accumulate;
use crate::kernel::gemm::workspace;
use crate::op::product;
use crate::rule::broadcast::Broadcasting;
use crate::rule::unary::compute;
use crate::simd::Simd;

/// `y[.., m, n] = sum over k of a[.., m, k] b[.., k, n]`, where the axes before the last two broadcast.
#[derive(Clone, Copy, Debug)]
pub struct Product {
    result: Layout,
    batches: Broadcasting,
    sizes: [usize; 3],
}

impl Product {
    /// The product of `count` pairs of matrices `[m, k]` and `[k, n]`; `batches` are the axes before them of the result and of
    /// the operands. The result has the shape `result`.
    pub fn new(result: Layout, batches: [Layout; 3], [m, n, k]: [usize; 3]) -> Self {
        let [whole, first, second] = batches;
        Product { result, batches: Broadcasting::new(whole, [first, second]), sizes: [m, n, k] }
    }

    /// Calls `visit` with the number of each product, and of the factors.
    #[inline(always)]
    fn for_each(&self, mut visit: impl FnMut(usize, [usize; 2])) {
        let batches = self.batches;
        batches.for_each_run(|position, at| {
            for index in 0..batches.run() {
                let at = [0, 1].map(|operand| at[operand] + if batches.runs(operand) { index } else { 0 });
                visit(position + index, at);
            }
        });
    }
}

impl<T: Float> Rule<T> for Product {
    fn name(&self) -> &'static str {
        "MatMul"
    }
    fn layout(&self) -> Layout {
        self.result
    }
    fn kind(&self) -> Kind {
        Kind::Bilinear
    }
    fn workspace(&self) -> usize {
        let [_, n, k] = self.sizes;
        workspace(n, k)
    }
    fn backward_workspace(&self) -> usize {
        let [m, n, k] = self.sizes;
        workspace(k, n).max(workspace(n, m))
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], room: Room<'_, T>) {
        compute(Forward { product: self, a: x[0], b: x[1], y, workspace: room.workspace });
    }
    fn backward(&self, edges: Edges<'_, '_, T>, workspace: &mut [T]) {
        if let [da, db] = edges.dx {
            let (a, b, dy) = (edges.x[0], edges.x[1], edges.dy);
            compute(Backward { product: self, a, b, dy, da, db, workspace });
        }
    }
}

struct Forward<'a, T> {
    product: &'a Product,
    a: &'a [T],
    b: &'a [T],
    y: &'a mut [T],
    workspace: &'a mut [T],
}

impl<T: Float> Kernel<T> for Forward<'_, T> {
    const NAME: &'static str = "MatMul";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.a));
        see(Operand::Input(self.b));
        see(Operand::Output(self.y));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<'_, S>) {
        let Forward { product: batches, a, b, y, workspace } = self;
        let [m, n, k] = batches.sizes;
        batches.for_each(
            #[inline(always)]
            |place, [first, second]| {
                let (a, b) = (&a[first * m * k..][..m * k], &b[second * k * n..][..k * n]);
                let y = &mut y[place * m * n..][..m * n];
                product::forward(cpu, [m, n, k], [a, b], y, workspace);
            },
        );
    }
}

/// `da = dy bᵀ`, `db = aᵀ dy`, summed over the batches that share a factor.
struct Backward<'a, T> {
    product: &'a Product,
    a: &'a [T],
    b: &'a [T],
    dy: &'a [T],
    da: &'a mut [T],
    db: &'a mut [T],
    workspace: &'a mut [T],
}

impl<T: Float> Kernel<T> for Backward<'_, T> {
    const NAME: &'static str = "Gradient";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.dy));
        see(Operand::Output(self.da));
        see(Operand::Output(self.db));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<'_, S>) {
        let Backward { product: batches, a, b, dy, da, db, workspace } = self;
        let [m, n, k] = batches.sizes;
        let accumulate = if batches.batches.is_plain() {
            Accumulate::Replace
        } else {
            da.fill(T::ZERO);
            db.fill(T::ZERO);
            Accumulate::Add
        };
        batches.for_each(
            #[inline(always)]
            |place, [first, second]| {
                let dy = &dy[place * m * n..][..m * n];
                if !da.is_empty() {
                    let (b, da) = (&b[second * k * n..][..k * n], &mut da[first * m * k..][..m * k]);
                    product::by_first(cpu, [m, n, k], [dy, b], da, accumulate, workspace);
                }
                if !db.is_empty() {
                    let (a, db) = (&a[first * m * k..][..m * k], &mut db[second * k * n..][..k * n]);
                    product::by_second(cpu, [m, n, k], [a, dy], db, accumulate, workspace);
                }
            },
        );
    }
}

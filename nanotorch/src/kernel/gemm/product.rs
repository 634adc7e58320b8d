//! Products whose sizes and layouts are known at run time only: checked, and handed to what suits them.

use core::iter;
use core::marker::PhantomData;
use core::ops::Range;

use super::block::{self, Machine, MachineOf, blocked};
use super::operand::Strided;
use super::target::Target;
use super::{Plain, vector};
use crate::element::Float;
use crate::kernel::Accumulate;
use crate::kernel::compiled::compiled;
use crate::simd::{Simd, WithSimd};
use crate::threads::{Threads, ranges};

/// C = C? + A B + bias.
pub(super) struct Product<'a, T> {
    /// Rows, columns, depth.
    pub(super) sizes: (usize, usize, usize),
    pub(super) a: Strided<'a, T>,
    pub(super) b: Strided<'a, T>,
    /// Its first number, and how many there are from there on. No other part has the same elements.
    pub(super) c: *mut T,
    c_length: usize,
    /// From one row of C to the next.
    leading: usize,
    accumulate: Accumulate,
    bias: Option<&'a [T]>,
    pub(super) workspace: &'a mut [T],
    form: Form,
    /// Who works on it.
    threads: Threads<'a>,
    borrow: PhantomData<&'a mut [T]>,
}

/// The algorithm.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A row by a matrix.
    Vector,
    /// Cᵀ = Bᵀ Aᵀ.
    Swapped,
    /// C = A B.
    Direct,
}

/// Multiplications that are worth handing to another thread.
const LEAST: usize = 1 << 17;
/// The same where each needs a number of its own from memory.
const LEAST_OF_VECTOR: usize = 1 << 16;
/// Parts begin at multiples of as many rows or columns: whole tiles, whole lines of the cache.
const UNIT: usize = 16;

compiled!(Product);

impl<T: Float> WithSimd for Product<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        self.on(&MachineOf(simd));
    }
}

/// A product in the form of [`Form::Vector`], which is known when the program is compiled: a program that has no other doesn't
/// contain what the others need.
pub(super) struct OneRow<'a, T>(pub(super) Product<'a, T>);

compiled!(OneRow);

impl<T: Float> WithSimd for OneRow<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let OneRow(product) = self;
        product.check();
        assert!(product.form == Form::Vector, "one row, one number after the other");
        if product.parts() > 1 {
            return product.split(&|part| OneRow(part).call(simd));
        }
        let Product { sizes: (_, n, k), a, b, leading, accumulate, bias, .. } = product;
        let target = Target::new(product.c, leading, accumulate, bias);
        // SAFETY: checked above.
        unsafe { vector::product(simd, n, k, b.transposed(), a.pointer, target, Plain) };
    }
}

/// A product that another thread may compute.
struct Part<'a, T>(Product<'a, T>);
// SAFETY: what a product reads is borrowed as shared for its lifetime, what it writes is its own; numbers may be sent.
unsafe impl<T: Float> Send for Part<'_, T> {}

impl<'a, T: Float> Product<'a, T> {
    #[expect(clippy::too_many_arguments, reason = "as of `gemm`, which it is made of")]
    #[inline(always)]
    pub(super) fn new(
        sizes: (usize, usize, usize),
        a: Strided<'a, T>,
        b: Strided<'a, T>,
        c: &'a mut [T],
        leading: usize,
        accumulate: Accumulate,
        bias: Option<&'a [T]>,
        workspace: &'a mut [T],
        threads: Threads<'a>,
    ) -> Self {
        let (m, n, _) = sizes;
        let form = if m == 1 && a.row_major {
            Form::Vector
        } else if a.row_major && !b.row_major && m <= block::SWAPPED && m < n {
            Form::Swapped
        } else {
            Form::Direct
        };
        let (c, c_length) = (c.as_mut_ptr(), c.len());
        Product {
            sizes,
            a,
            b,
            c,
            c_length,
            leading,
            accumulate,
            bias,
            workspace,
            form,
            threads,
            borrow: PhantomData,
        }
    }

    /// Whether it is cut by rows or by columns, never by the depth. A weight gradient is cut by rows, as optimizers cut
    /// parameters; others so that the larger factor is read once.
    #[inline(always)]
    fn cut(&self) -> (bool, usize) {
        let (m, n, _) = self.sizes;
        let by_rows = self.form != Form::Vector && (n < m || !self.a.row_major);
        (by_rows, if by_rows { m } else { n })
    }

    /// Into how many parts it is worth to be cut.
    #[inline(always)]
    fn parts(&self) -> usize {
        let ((m, n, k), (_, length)) = (self.sizes, self.cut());
        let least = if self.form == Form::Vector { LEAST_OF_VECTOR } else { LEAST };
        self.threads.parts(m * n * k, least).min(length.div_ceil(UNIT))
    }

    /// Computes it on several threads, each part in the form that it has as a whole, so that the bits are the same; as a whole
    /// where there is no room for parts.
    // One function, whatever the instruction set.
    #[inline(never)]
    fn split(self, compute: &(dyn Fn(Product<'_, T>) + Sync)) {
        let (parts, (by_rows, length), threads) = (self.parts(), self.cut(), self.threads);
        let mut spare = threads.spare();
        if spare.piece_length::<T>() < self.room() {
            return compute(Product { threads: Threads::ALONE, ..self });
        }
        let ((m, n, k), leading) = (self.sizes, self.leading);
        let Product { a, b, c, c_length, accumulate, bias, workspace, form, .. } = self;
        let others = spare.pieces().chain(iter::repeat_with(|| &mut [][..]));
        let workspaces = iter::once(workspace).chain(others);
        let part = |(range, workspace): (Range<usize>, _)| {
            let (row, column) = if by_rows { (range.start, 0) } else { (0, range.start) };
            let begin = row * leading + column;
            Part(Product {
                sizes: if by_rows { (range.len(), n, k) } else { (m, range.len(), k) },
                a: a.from(row, 0),
                b: b.from(0, column),
                c: c.wrapping_add(begin),
                c_length: c_length.saturating_sub(begin),
                leading,
                accumulate,
                bias: bias.map(|bias| if by_rows { bias } else { &bias[range] }),
                workspace,
                form,
                threads: Threads::ALONE,
                borrow: PhantomData,
            })
        };
        let ranges = ranges(length, parts, UNIT).filter(|range| !range.is_empty());
        threads.each(ranges.zip(workspaces).map(part), |Part(product)| compute(product));
    }

    /// Computes it.
    #[inline(never)]
    fn on(self, machine: &dyn Machine<T>) {
        if self.form == Form::Vector {
            return machine.one_row(OneRow(self));
        }
        self.check();
        if self.parts() > 1 {
            return self.split(&|part| part.on(machine));
        }
        let Product { sizes: (m, n, k), a, b, leading, accumulate, bias, form, .. } = self;
        let target = Target::new(self.c, leading, accumulate, bias);
        let swapped = form == Form::Swapped;
        let (rows, columns) = if swapped { (n, m) } else { (m, n) };
        let (left, right) = if swapped { (b.transposed(), a.transposed()) } else { (a, b) };
        let workspace = self.workspace.as_mut_ptr();
        // SAFETY: checked above.
        unsafe { blocked(machine, (rows, columns, k), left, right, target, swapped, workspace) };
    }
}

impl<T: Float> Product<'_, T> {
    /// The workspace that it needs.
    #[inline(always)]
    fn room(&self) -> usize {
        let (m, n, k) = self.sizes;
        match (self.a.row_major, self.b.row_major) {
            _ if self.form == Form::Vector => 0,
            (true, _) => super::row_major_workspace(n, k),
            (false, true) => block::workspace((m, n, k), true),
            (false, false) => super::workspace(n, k),
        }
    }

    /// # Panics
    /// A slice is too short for the sizes.
    #[inline(always)]
    pub(super) fn check(&self) {
        let Product { sizes: (m, n, k), a, b, c_length, leading, bias, workspace, .. } = self;
        let (m, n, k, c_length) = (*m, *n, *k, *c_length);
        let room = self.room();
        if !(a.holds(m, k)
            && b.holds(k, n)
            && (m == 0 || n == 0 || (m - 1) * leading + n <= c_length)
            && bias.is_none_or(|bias| bias.len() >= n)
            && workspace.len() >= room)
        {
            let lengths = [a.length, b.length, c_length, bias.map_or(n, <[T]>::len), workspace.len()];
            too_short((m, n, k), room, lengths);
        }
    }
}

#[cold]
#[inline(never)]
fn too_short((m, n, k): (usize, usize, usize), room: usize, lengths: [usize; 5]) -> ! {
    let [a, b, c, bias, workspace] = lengths;
    panic!(
        "a product of {m} x {k} by {k} x {n} doesn't fit factors of {a} and {b} numbers, a product of {c}, a bias of {bias} \
         and a workspace of {workspace}, which must have {room}"
    )
}

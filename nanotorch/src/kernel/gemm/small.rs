//! Small products of constant sizes: no blocks, no calls; a right factor whose rows lie in memory is not copied.

use super::operand::{self, Layout, Matrix};
use super::target::{Target, store};
use super::tile::{Left, Right, products, tile_rows};
use super::{Epilogue, short};
use crate::element::Float;
use crate::extent::Extent;
use crate::simd::{Simd, Vector, VectorOf};

/// Multiplications that are worth inlining, at most.
const WORK: usize = 16384;
/// Columns of a small product, at most.
const COLUMNS: usize = 64;
/// Depth of a small product, at most: the workspace has room for as much.
const DEPTH: usize = 128;

/// Whether a product is to become part of its caller: all sizes are known, and all is little.
pub(super) const fn is_small(m: Option<usize>, n: Option<usize>, k: Option<usize>) -> bool {
    match (m, n, k) {
        (Some(m), Some(n), Some(k)) => n <= COLUMNS && k <= DEPTH && m * n * k <= WORK,
        _ => false,
    }
}

/// As [`super::gemm`], for sizes that are small constants.
/// # Safety
/// The factors, the target and its bias hold the sizes; the workspace has room for a copy of `b`.
#[inline(always)]
pub(super) unsafe fn small<S, T, N, LA, LB, E>(
    simd: S,
    (m, n, k): (usize, N, usize),
    a: Matrix<'_, T, LA>,
    b: Matrix<'_, T, LB>,
    target: Target<T>,
    epilogue: E,
    workspace: &mut [T],
) where
    S: Simd,
    T: Float,
    N: Extent,
    LA: Layout,
    LB: Layout,
    E: Epilogue<S, T>,
{
    let lanes = VectorOf::<S, T>::LANES;
    if m == 1 && LA::ROW_MAJOR {
        // SAFETY: the caller's promise.
        unsafe {
            short::product(simd, (n.get(), k), b.strided().transposed(), a.pointer(), target, epilogue)
        };
        return;
    }
    let product = Small { simd, sizes: (m, k), a, b, target, epilogue };
    let mut column = 0;
    macro_rules! panels {
        ($width:literal, $count:ident) => {
            if const { split(N::KNOWN, VectorOf::<S, T>::LANES).$count > 0 } {
                for _ in 0..const { split(N::KNOWN, VectorOf::<S, T>::LANES).$count } {
                    let columns = ($width * lanes).min(n.get() - column);
                    // SAFETY: the caller's promise; the panels together have the columns of the product.
                    unsafe { product.panel::<$width>(column, columns, workspace) };
                    column += columns;
                }
            }
        };
    }
    panels!(3, threes);
    panels!(2, twos);
    panels!(1, ones);
}

/// Numbers of panels of each width.
struct Split {
    threes: usize,
    twos: usize,
    ones: usize,
}

/// Panels of 3 vectors, and of 2 or 1 for what is left: never 3 and 1, which would be better as 2 and 2.
const fn split(columns: Option<usize>, lanes: usize) -> Split {
    let vectors = match columns {
        Some(columns) => columns.div_ceil(lanes),
        None => 0,
    };
    let threes = if vectors % 3 == 1 && vectors > 1 { vectors / 3 - 1 } else { vectors / 3 };
    let left = vectors - 3 * threes;
    Split { threes, twos: left / 2, ones: left % 2 }
}

#[derive(Clone, Copy)]
struct Small<'a, S, T, LA, LB, E> {
    simd: S,
    /// Rows and depth.
    sizes: (usize, usize),
    a: Matrix<'a, T, LA>,
    b: Matrix<'a, T, LB>,
    target: Target<T>,
    epilogue: E,
}

impl<S, T, LA, LB, E> Small<'_, S, T, LA, LB, E>
where
    S: Simd,
    T: Float,
    LA: Layout,
    LB: Layout,
    E: Epilogue<S, T>,
{
    /// The panel of V vectors that starts at `column`.
    /// # Safety
    /// As [`small`].
    #[inline(always)]
    unsafe fn panel<const V: usize>(self, column: usize, columns: usize, workspace: &mut [T]) {
        let lanes = VectorOf::<S, T>::LANES;
        let Small { simd, sizes: (m, k), b, .. } = self;
        let right = if LB::ROW_MAJOR {
            let last = columns - (V - 1) * lanes;
            Right { pointer: b.pointer().wrapping_add(column), depth_step: b.row_step(), last }
        } else {
            let from = b.pointer().wrapping_add(column * b.column_step());
            let (width, room) = (V * lanes, workspace.as_mut_ptr());
            // SAFETY: the caller's promise.
            unsafe { operand::transpose(simd, from, b.column_step(), k, columns, width, room) };
            Right { pointer: room.cast_const(), depth_step: width, last: lanes }
        };
        let mut row = 0;
        macro_rules! rows {
            ($rows:literal) => {
                while m - row >= $rows {
                    // SAFETY: the caller's promise.
                    unsafe { self.tile::<$rows, V>(right, row, column, columns) };
                    row += $rows;
                }
            };
        }
        if const { tile_rows::<S>() == 8 } {
            rows!(8);
        }
        rows!(4);
        rows!(2);
        rows!(1);
    }

    /// # Safety
    /// As [`small`].
    #[inline(always)]
    unsafe fn tile<const R: usize, const V: usize>(
        self,
        right: Right<T>,
        row: usize,
        column: usize,
        columns: usize,
    ) {
        let Small { simd, sizes: (_, k), a, target, epilogue, .. } = self;
        let lanes = VectorOf::<S, T>::LANES;
        let pointer = a.pointer();
        let mut starts = [pointer; R];
        for (r, start) in starts.iter_mut().enumerate() {
            *start = pointer.wrapping_add((row + r) * a.row_step());
        }
        let left = Left { rows: starts, depth_step: a.column_step() };
        // SAFETY: the caller's promise.
        unsafe {
            let count = |v: usize| if v + 1 < V { lanes } else { columns - v * lanes };
            // As in a tile of a large product, so that both have the same bits.
            let mut sums = [[VectorOf::<S, T>::zero(simd); V]; R];
            for (r, sums) in sums.iter_mut().enumerate() {
                for (v, sum) in sums.iter_mut().enumerate() {
                    *sum = target.begin(simd, row + r, column + v * lanes, count(v));
                }
            }
            products(simd, k, left, right, &mut sums);
            for (r, sums) in sums.into_iter().enumerate() {
                for (v, sum) in sums.into_iter().enumerate() {
                    let place = target.place(row + r, column + v * lanes);
                    store(epilogue.map(simd, sum), place, count(v));
                }
            }
        }
    }
}

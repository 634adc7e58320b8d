//! Small products of constant sizes: no blocks, no calls; a right factor whose rows lie in memory is not copied.

use super::Epilogue;
use super::operand::{Layout, Matrix, Panels};
use super::tile::{Left, Place, Right, Target, tile_rows, tiles};
use crate::element::Float;
use crate::extent::{Const, Extent};
use crate::simd::{Simd, Vector, VectorOf};

/// Multiplications that are worth inlining, at most.
const WORK: usize = 16384;
/// Columns of a small product, at most.
const COLUMNS: usize = 64;
/// What a size counts for that is known at run time only: a batch.
const UNKNOWN: usize = 32;

/// Whether a product is to become part of its caller: the number of columns and another size are known, and all is little.
pub(super) const fn is_small(m: Option<usize>, n: Option<usize>, k: Option<usize>) -> bool {
    let Some(columns) = n else { return false };
    let other = match (m, k) {
        (Some(m), Some(k)) => m * k,
        (Some(known), None) | (None, Some(known)) => known * UNKNOWN,
        (None, None) => return false,
    };
    columns <= COLUMNS && columns * other <= WORK
}

/// As [`super::gemm`], for constant `n`.
/// # Safety
/// The factors, the target and its epilogue hold the sizes; the workspace has room for a copy of `b`.
#[inline(always)]
pub(super) unsafe fn small<S, T, N, LA, LB, E>(
    simd: S,
    (m, n, k): (usize, N, usize),
    a: Matrix<'_, T, LA>,
    b: Matrix<'_, T, LB>,
    target: Target<T, E>,
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
    let mut column = 0;
    macro_rules! panels {
        ($width:literal, $count:ident) => {
            if const { split(N::KNOWN, VectorOf::<S, T>::LANES).$count > 0 } {
                for _ in 0..const { split(N::KNOWN, VectorOf::<S, T>::LANES).$count } {
                    let columns = ($width * lanes).min(n.get() - column);
                    // SAFETY: the caller's promise; the panels together have the columns of the product.
                    unsafe {
                        panel::<S, T, LA, LB, E, $width>(
                            simd,
                            (m, columns, k),
                            column,
                            a,
                            b,
                            target,
                            workspace,
                        )
                    };
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

/// The panel of V vectors that starts at `column`.
/// # Safety
/// As [`small`].
#[inline(always)]
unsafe fn panel<S, T, LA, LB, E, const V: usize>(
    simd: S,
    (m, columns, k): (usize, usize, usize),
    column: usize,
    a: Matrix<'_, T, LA>,
    b: Matrix<'_, T, LB>,
    target: Target<T, E>,
    workspace: &mut [T],
) where
    S: Simd,
    T: Float,
    LA: Layout,
    LB: Layout,
    E: Epilogue<S, T>,
{
    let lanes = VectorOf::<S, T>::LANES;
    let place = Place { row: 0, rows: m, column, columns };
    // SAFETY: the caller's promise.
    unsafe {
        let right = if LB::ROW_MAJOR {
            let last = columns - (V - 1) * lanes;
            Right { pointer: b.pointer().add(column), depth_step: b.row_step(), last }
        } else {
            b.fill(simd, 0..k, column..column + columns, V * lanes, workspace.as_mut_ptr());
            Right { pointer: workspace.as_ptr(), depth_step: V * lanes, last: lanes }
        };
        if LA::ROW_MAJOR {
            let left = Left {
                pointer: a.pointer(),
                row_step: a.row_step(),
                depth_step: Const::<1>,
                tile_step: tile_rows::<S>() * a.row_step(),
            };
            tiles::<S, T, _, _, _, E, false, V>(simd, k, left, right, place, target, |_| ());
        } else {
            let left = Left {
                pointer: a.pointer(),
                row_step: Const::<1>,
                depth_step: a.column_step(),
                tile_step: tile_rows::<S>(),
            };
            tiles::<S, T, _, _, _, E, false, V>(simd, k, left, right, place, target, |_| ());
        }
    }
}

//! Large products: the right factor is copied into panels that stay in the cache while every row of the left one passes by.
//!
//! ```text
//! for each group of panels (columns of the product)
//!     for each block of the depth
//!         copy the group's panels
//!         for each block of rows
//!             for each panel
//!                 for each tile of rows: sums += left * panel, in registers
//! ```
//! Where there is one block of rows only, a group is one panel, which is used while it is hot. The blocks of the depth depend
//! on the depth alone, so that a product that is split by rows or columns has the same bits.

use super::Epilogue;
use super::operand::Panels;
use super::tile::{Left, Place, Right, Target, tiles};
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::Accumulate;
use crate::simd::{Simd, Vector, VectorOf};

/// Vectors in the width of a panel, at most.
pub(super) const PANEL: usize = 3;
/// Numbers in the depth of a panel, at most.
const DEPTH: usize = 512;
/// Columns in a group of panels, at most; a multiple of a panel's width for every instruction set.
const GROUP: usize = 384;
/// Rows that pass by a group of panels one panel after the other.
const ROWS: usize = 128;
/// The most lanes that a vector has, in any instruction set.
const LANES: usize = 16;

/// Numbers of workspace that a blocked product of any number of rows needs, whatever the instruction set.
pub(super) const fn workspace(columns: usize, depth: usize) -> usize {
    let columns = columns.next_multiple_of(LANES);
    let columns = if columns > GROUP { GROUP } else { columns };
    let depth = if depth > DEPTH { DEPTH } else { depth };
    columns * depth
}

/// The depth of each block: blocks of equal depth, but for the last.
const fn block_depth(depth: usize) -> usize {
    if depth <= DEPTH { depth } else { depth.div_ceil(depth.div_ceil(DEPTH)).next_multiple_of(8) }
}

/// product = left * right, or its transpose where `TRANSPOSED`: then `rows` counts its columns.
/// # Safety
/// `left`, `right`, `target` and `epilogue` hold `rows`, `columns`, `depth`; the workspace has `workspace(columns, depth)`.
#[inline(always)]
pub(super) unsafe fn blocked<S, T, RS, DS, P, E, const TRANSPOSED: bool>(
    simd: S,
    (rows, columns, depth): (usize, usize, usize),
    left: Left<T, RS, DS>,
    right: P,
    target: Target<T, E>,
    workspace: &mut [T],
) where
    S: Simd,
    T: Float,
    RS: Extent,
    DS: Extent,
    P: Panels<T>,
    E: Epilogue<S, T>,
{
    let lanes = VectorOf::<S, T>::LANES;
    let block = block_depth(depth);
    let mut first_column = 0;
    while first_column < columns {
        let left_over = columns - first_column;
        let wanted = if rows <= ROWS { panel_width(left_over, lanes) } else { GROUP };
        let group_end = first_column + wanted.min(left_over);
        let mut first_depth = 0;
        loop {
            let depth_end = (first_depth + block).min(depth);
            let deep = depth_end - first_depth;
            let finished = depth_end == depth;
            let target = Target {
                accumulate: if first_depth == 0 { target.accumulate } else { Accumulate::Add },
                finished,
                ..target
            };
            let mut column = first_column;
            while column < group_end {
                let width = panel_width(group_end - column, lanes);
                let end = (column + width).min(group_end);
                // SAFETY: the panels of a group lie behind each other in the workspace, which is large enough for them.
                unsafe {
                    let panel = workspace.as_mut_ptr().add((column - first_column) * deep);
                    right.fill(simd, first_depth..depth_end, column..end, width, panel);
                }
                column = end;
            }
            let mut first_row = 0;
            while first_row < rows {
                let row_end = (first_row + ROWS).min(rows);
                let mut column = first_column;
                while column < group_end {
                    let width = panel_width(group_end - column, lanes);
                    let end = (column + width).min(group_end);
                    let left = Left {
                        pointer: left.pointer.wrapping_add(
                            first_row * left.row_step.get() + first_depth * left.depth_step.get(),
                        ),
                        ..left
                    };
                    // SAFETY: the caller's promise, and the panel filled above.
                    unsafe {
                        let panel = workspace.as_ptr().add((column - first_column) * deep);
                        let right = Right { pointer: panel, depth_step: width, last: lanes };
                        let place = Place {
                            row: first_row,
                            rows: row_end - first_row,
                            column,
                            columns: end - column,
                        };
                        match width / lanes {
                            1 => tiles::<S, T, RS, DS, usize, E, TRANSPOSED, 1>(
                                simd, deep, left, right, place, target,
                            ),
                            2 => tiles::<S, T, RS, DS, usize, E, TRANSPOSED, 2>(
                                simd, deep, left, right, place, target,
                            ),
                            _ => tiles::<S, T, RS, DS, usize, E, TRANSPOSED, 3>(
                                simd, deep, left, right, place, target,
                            ),
                        }
                    }
                    column = end;
                }
                first_row = row_end;
            }
            first_depth = depth_end;
            if finished {
                break;
            }
        }
        first_column = group_end;
    }
}

/// The width of the next panel, where `left` columns are left: 3 vectors, or 2 where 4 or 2 are left, or 1.
#[inline(always)]
fn panel_width(left: usize, lanes: usize) -> usize {
    let vectors = left.div_ceil(lanes);
    lanes * if vectors == 4 { 2 } else { vectors.min(PANEL) }
}

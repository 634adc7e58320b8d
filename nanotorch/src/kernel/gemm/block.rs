//! Large products: a panel of the right factor is copied, stays in the cache, and all rows of the left one pass by it.
//!
//! ```text
//! for each block of rows
//!     for each block of the depth
//!         copy the left factor's block, where it is scattered in memory
//!         for each panel (columns of the product)
//!             for each tile of rows: sums += left * panel, in registers; beside it, a little of the next panel is copied
//! ```
//! The first panel is copied beside its own first tile. A panel that can as well be read where it is isn't copied.
//!
//! The blocks of the depth depend on the depth alone, so that a product that is split by rows or columns has the same bits.
//!
//! Copying panels once for several blocks of rows was tried: it saves copies and loses more, as a panel that was copied long
//! ago is no longer near.

use core::marker::PhantomData;
use core::ops::Range;
use core::ptr;

use super::beside::{Lines, Soon};
use super::operand::{Fill, Interleave, Strided};
use super::product::OneRow;
use super::strip::{Place, Rows, Strip, Sums};
use super::target::Target;
use super::tile::{tile_rows, tile_vectors};
use crate::element::Float;
use crate::kernel::Accumulate;
use crate::simd::{Simd, Vector, VectorOf};

/// Vectors in the width of a panel, at most.
const PANEL: usize = 3;
/// Depth up to which one block does: of a picture of 28 by 28, say. Each further block reads and writes the product once more.
const DEPTH: usize = 800;
/// Numbers in the depth of a block, at most, where there are several: a panel of them stays in the first level of the cache, or
/// nearly, and a copy of the left factor's rows in the second.
const BLOCK: usize = 200;
/// Both, where the left factor lies column by column: as in a weight gradient, whose depth is the batch, which isn't known when
/// memory is asked for.
const DEPTH_OF_COLUMNS: usize = 128;
/// Rows that pass by each panel, at most: a multiple of every tile. A copy of them stays in the second level of the cache.
const ROWS: usize = 528;
/// Columns from which on it may pay to copy the left factor, which is read once for each panel.
const COPY_LEFT: usize = 97;
/// Rows that are worth copying, at least.
const COPIED_ROWS: usize = 256;
/// The most lanes that a vector has, in any instruction set; as many numbers fill a line of the cache.
const LANES: usize = 16;
/// Rows of the product for which it doesn't pay to copy a panel.
const FEW: usize = 16;
/// The same where the right factor's rows begin at lines of the cache and it is near as it is, in the second level; and up to
/// how many bytes it is.
const NEAR: (usize, usize) = (128, 600 << 10);
/// The same wherever its rows begin.
const NEAR_ANYWHERE: (usize, usize) = (64, 32 << 10);
/// Bytes of a right factor that is asked for before it is copied, at least.
const FAR: usize = 2 << 20;
/// Bytes of a product that is asked for before it is needed, at least.
const ASKED: usize = (1 << 20) + 1;
/// Rows of A for which Cᵀ = B Aᵀ may be computed instead of C = A Bᵀ: the factor with fewer rows is the cheaper one to copy.
pub(super) const SWAPPED: usize = 96;

const fn smaller(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

/// Numbers of workspace that a product needs whose left factor lies row by row, or column by column; for a size that isn't
/// known, its upper bound is given.
pub(super) const fn workspace((rows, columns, depth): (usize, usize, usize), by_columns: bool) -> usize {
    // A depth that isn't known may be of one block, or of several.
    let deep = if by_columns { smaller(depth, DEPTH_OF_COLUMNS) } else { smaller(depth, DEPTH) };
    let copied = columns >= COPY_LEFT && (by_columns || depth > DEPTH);
    let left = if copied { copied_left(rows, smaller(deep, BLOCK)) } else { 0 };
    if columns <= PANEL * LANES && columns.is_multiple_of(LANES) && by_columns {
        // Its panels are read where they are.
        return left;
    }
    panels(columns, LANES) * deep + left + LANES
}

/// Columns of a panel, and of another one of that width.
const fn panels(columns: usize, lanes: usize) -> usize {
    let columns = columns.next_multiple_of(lanes);
    // One panel, or two that share out the columns, or two of the widest.
    if columns <= (PANEL + 1) * lanes { columns } else { 2 * PANEL * lanes }
}

/// Numbers of a copy of the left factor's block.
const fn copied_left(rows: usize, deep: usize) -> usize {
    smaller(rows.saturating_add(LANES), ROWS) * deep
}

/// The depth of each block: all, or blocks of equal depth, but for the last.
const fn block_depth(depth: usize, by_columns: bool) -> usize {
    let (alone, most) = if by_columns { (DEPTH_OF_COLUMNS, DEPTH_OF_COLUMNS) } else { (DEPTH, BLOCK) };
    if depth <= alone { depth } else { depth.div_ceil(depth.div_ceil(most)).next_multiple_of(8) }
}

/// What is compiled for each instruction set. All else of a large product is one function.
pub(super) trait Machine<T: Float>: Sync {
    /// Lanes of a register.
    fn lanes(&self) -> usize;
    /// Rows of a full tile.
    fn tile_rows(&self) -> usize;
    /// Vectors of a row of the widest tile.
    fn tile_vectors(&self) -> usize;
    /// [`Strip`]
    fn strip(&self, strip: &Strip<'_, T>);
    /// [`Fill`]
    fn fill(&self, fill: Fill<'_, T>);
    /// [`Interleave`]
    fn interleave(&self, interleave: Interleave<'_, T>);
    /// [`OneRow`]
    fn one_row(&self, row: OneRow<'_, T>);
}

/// The machine of an instruction set.
pub(super) struct MachineOf<S>(pub(super) S);

impl<S: Simd, T: Float> Machine<T> for MachineOf<S> {
    fn lanes(&self) -> usize {
        VectorOf::<S, T>::LANES
    }
    fn tile_rows(&self) -> usize {
        tile_rows::<S>()
    }
    fn tile_vectors(&self) -> usize {
        tile_vectors::<S>()
    }
    fn strip(&self, strip: &Strip<'_, T>) {
        Sums(strip).call(self.0);
    }
    fn fill(&self, fill: Fill<'_, T>) {
        fill.call(self.0);
    }
    fn interleave(&self, interleave: Interleave<'_, T>) {
        interleave.call(self.0);
    }
    fn one_row(&self, row: OneRow<'_, T>) {
        row.call(self.0);
    }
}

/// product = left * right, or its transpose where `transposed`: then `rows` counts its columns.
/// # Safety
/// `left`, `right`, `target` and its bias hold `rows`, `columns`, `depth`; the workspace has as many numbers as
/// [`workspace`] says.
pub(super) unsafe fn blocked<T: Float>(
    machine: &dyn Machine<T>,
    (rows, columns, depth): (usize, usize, usize),
    left: Strided<'_, T>,
    right: Strided<'_, T>,
    target: Target<T>,
    transposed: bool,
    workspace: *mut T,
) {
    let lanes = machine.lanes();
    let block = block_depth(depth, !left.row_major);
    // Panels start at lines of the cache.
    let room = workspace.wrapping_add(workspace.align_offset(LANES * size_of::<T>()).min(LANES));
    let few =
        rows <= FEW || columns <= PANEL * LANES || is_near(right, rows, columns * depth * size_of::<T>());
    let left_room = if is_worth_copying(left, rows, columns, depth) {
        room.wrapping_add(panels(columns, lanes) * block)
    } else {
        ptr::null_mut()
    };
    let is_far = rows >= 128 && columns * depth * size_of::<T>() >= FAR;
    let asks = rows * columns * size_of::<T>() >= ASKED;
    // Two panels have room, by turns.
    let widest = panel_width(machine, columns);
    let mut rooms = [room, room.wrapping_add(widest * block)];
    // Whether the panel has been copied beside the strip before.
    let mut ready = false;
    let mut first_row = 0;
    while first_row < rows {
        let row_end = (first_row + ROWS).min(rows);
        let mut first_depth = 0;
        loop {
            let depth_end = (first_depth + block).min(depth);
            let last = depth_end == depth;
            let target = Target {
                accumulate: if first_depth == 0 { target.accumulate } else { Accumulate::Add },
                bias: if first_depth == 0 { target.bias } else { ptr::null() },
                ..target
            };
            let range = first_depth..depth_end;
            // SAFETY: the caller's promise; the copy stands behind the panels in the workspace.
            let left = unsafe { rows_of(machine, left, first_row..row_end, range.clone(), left_room) };
            let mut column = 0;
            while column < columns {
                let width = panel_width(machine, columns - column);
                let end = (column + width).min(columns);
                let place =
                    Place { row: first_row, rows: row_end - first_row, column, columns: end - column };
                let mut strip = Strip {
                    depth: range.len(),
                    left,
                    right: rooms[0].cast_const(),
                    right_step: width,
                    vectors: width / lanes,
                    place,
                    target,
                    transposed,
                    asks,
                    own: Lines::NOTHING,
                    next: Lines::NOTHING,
                    soon: Soon::NOTHING,
                    borrow: PhantomData,
                };
                // The panel after this one: of the same rows of the right factor, or of the next ones, or the first of all.
                let (next_range, next_column) = if end < columns {
                    (range.clone(), end)
                } else if !last {
                    (depth_end..(depth_end + block).min(depth), 0)
                } else {
                    (0..if row_end < rows { block.min(depth) } else { 0 }, 0)
                };
                let next_width = panel_width(machine, columns - next_column);
                let next = next_column..(next_column + next_width).min(columns);
                match right.in_place() {
                    Some((pointer, leading)) if few && end - column == width => {
                        strip.right = pointer.wrapping_add(first_depth * leading + column);
                        strip.right_step = leading;
                    }
                    Some(_) => {
                        if !ready {
                            strip.own = right.lines(range.clone(), column..end, width, rooms[0]);
                        }
                        ready = !few && !next_range.is_empty();
                        if ready {
                            strip.next = right.lines(next_range.clone(), next.clone(), next_width, rooms[1]);
                            if is_far {
                                strip.soon = right.soon(next_range, next);
                            }
                            rooms.swap(0, 1);
                        }
                    }
                    None => {
                        machine.fill(Fill {
                            source: right.place(first_depth, column),
                            leading: right.leading,
                            depth: range.len(),
                            columns: end - column,
                            width,
                            panel: rooms[0],
                            borrow: PhantomData,
                        });
                        if !next_range.is_empty() {
                            strip.soon = right.soon(next_range, next);
                        }
                    }
                }
                machine.strip(&strip);
                column = end;
            }
            first_depth = depth_end;
            if last {
                break;
            }
        }
        first_row = row_end;
    }
}

/// Whether the right factor may as well be read where it is.
#[inline(always)]
fn is_near<T: Float>(right: Strided<'_, T>, rows: usize, bytes: usize) -> bool {
    let (most_rows, most_bytes) = if right.at_lines() { NEAR } else { NEAR_ANYWHERE };
    rows <= most_rows && bytes <= most_bytes
}

/// Whether the left factor is to be copied.
#[inline(always)]
fn is_worth_copying<T: Float>(left: Strided<'_, T>, rows: usize, columns: usize, depth: usize) -> bool {
    if left.row_major {
        // Against many columns, where rows lie far apart.
        rows >= COPIED_ROWS && columns >= 4 * COPY_LEFT && depth > DEPTH
    } else {
        columns >= COPY_LEFT
    }
}

/// Rows `rows` of the depth `depth`, ready for tiles; copied if `room` isn't null.
///
/// A copy has the rows of one tile together, for each step of the depth.
/// # Safety
/// The factor has those rows and that depth; `room` is null or has `rows * depth` numbers, rows counted in full tiles.
unsafe fn rows_of<T: Float>(
    machine: &dyn Machine<T>,
    left: Strided<'_, T>,
    rows: Range<usize>,
    depth: Range<usize>,
    room: *mut T,
) -> Rows<T> {
    let (tile, deep) = (machine.tile_rows(), depth.len());
    let source = left.from(rows.start, depth.start);
    if room.is_null() {
        let row_step = left.row_step();
        return Rows {
            pointer: source.pointer,
            row_step,
            depth_step: left.column_step(),
            tile_step: tile * row_step,
        };
    }
    machine.interleave(Interleave { source, rows: rows.len(), depth: deep, tile, room, borrow: PhantomData });
    Rows { pointer: room, row_step: 1, depth_step: tile, tile_step: tile * deep }
}

/// The width of the next panel, where `left` columns are left: as many vectors as a tile has, or two 2s instead of 3 and 1.
#[inline(always)]
fn panel_width<T: Float>(machine: &dyn Machine<T>, left: usize) -> usize {
    let lanes = machine.lanes();
    let (vectors, most) = (left.div_ceil(lanes), machine.tile_vectors());
    // Without vectors there is one tile.
    lanes * if vectors == 4 || lanes == 1 { 2 } else { vectors.min(most) }
}

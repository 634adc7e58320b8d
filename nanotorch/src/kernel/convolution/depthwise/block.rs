//! How a plane is cut into blocks, and how a block lies in the room to work: with what is imagined around it, rows at lines of the cache.

use crate::element::Float;
use crate::kernel::convolution::sweep::Direction;
use crate::kernel::convolution::{Convolution, LANES};
use crate::simd::{Simd, Vector, VectorOf, prefetch_far};

/// Numbers of a copy that stay near, and the most columns of a block: of a line by itself, and of one of several.
const NEAR: usize = 6144;
const LINE: usize = 4096;
const STRIP: usize = 512;

/// Registers by which the last ladder may be longer than what there is.
const SPARE: usize = 3;

/// A plane on its way: its lengths and those of what comes of it, height and width, and the blocks that the latter is cut into.
#[derive(Clone, Copy)]
pub(super) struct Cut {
    pub(super) from: [usize; 2],
    pub(super) to: [usize; 2],
    pub(super) before: [usize; 2],
    pub(super) kernel: [usize; 2],
    pub(super) dilation: [usize; 2],
    /// Lengths of a block.
    pub(super) block: [usize; 2],
    /// Where in a row of the copy the block's own columns begin: at a line of the cache.
    lead: usize,
    /// From one row of the copy to the next.
    pub(super) pitch: usize,
    /// Rows of the copy.
    lines: usize,
}

/// Registers one above the other, at one column: where the first one's first tap is in the copy, where it itself is in the plane
/// that is made, how many there are, and how many columns are left of a block from there on.
#[derive(Clone, Copy)]
pub(super) struct Ladder {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) rungs: usize,
    pub(super) columns: usize,
}

impl Ladder {
    /// What is above so many rungs.
    #[inline(always)]
    pub(super) const fn above(self, steps: Steps, rungs: usize) -> Ladder {
        Ladder {
            from: self.from + rungs * steps.from,
            to: self.to + rungs * steps.to,
            rungs: self.rungs - rungs,
            columns: self.columns - rungs * steps.columns,
        }
    }
}

/// From one rung of a ladder to the next: in the copy, in the plane that is made, and by how many columns fewer are left.
#[derive(Clone, Copy)]
pub(super) struct Steps {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) columns: usize,
    /// Whether a tap of one rung is the tap above it of the next.
    pub(super) shares: bool,
}

impl Cut {
    pub(super) const fn of(size: &Convolution, direction: Direction) -> Cut {
        let window = &size.window;
        let (kernel, dilation) =
            ([window.kernel[1], window.kernel[2]], [window.dilation[1], window.dilation[2]]);
        let (input, output) = ([window.input[1], window.input[2]], [window.output[1], window.output[2]]);
        let reach = [window.reach(1), window.reach(2)];
        let (from, to, before) = match direction {
            Direction::Forward => (input, output, [window.before[1], window.before[2]]),
            Direction::Backward => {
                (output, input, [reach[0] - 1 - window.before[1], reach[1] - 1 - window.before[2]])
            }
        };
        let most = if to[0] == 1 { LINE } else { STRIP };
        let columns = if to[1] > most { most } else { to[1] };
        let lead = before[1].next_multiple_of(LANES);
        let pitch = lead + (columns + reach[1] - 1 - before[1]).next_multiple_of(LANES);
        // Blocks as equal as can be, of whole ladders.
        let most = (NEAR / pitch).saturating_sub(reach[0] - 1);
        let most = if most < 8 { 8 } else { most };
        let rows = to[0].div_ceil(to[0].div_ceil(most)).next_multiple_of(8);
        let rows = if rows < to[0] { rows } else { to[0] };
        let lines = rows - 1 + reach[0] + if rows == 1 { 0 } else { SPARE * dilation[0] };
        Cut { from, to, before, kernel, dilation, block: [rows, columns], lead, pitch, lines }
    }

    /// Numbers of a copy, with what is read behind it and dropped.
    pub(super) const fn room(&self) -> usize {
        self.lines * self.pitch + (SPARE + 2) * LANES + 4 * self.dilation[1]
    }

    /// Whether neighbours on a ladder are neighbours in a row, as there is one row only.
    const fn lies(&self) -> bool {
        self.block[0] == 1
    }

    /// Between the rungs of a ladder.
    pub(super) const fn steps(&self, lanes: usize) -> Steps {
        if self.lies() {
            Steps { from: lanes, to: lanes, columns: lanes, shares: false }
        } else {
            let rows = self.dilation[0];
            Steps { from: rows * self.pitch, to: rows * self.to[1], columns: 0, shares: true }
        }
    }

    /// Where the block behind one begins, and by how many planes on.
    #[inline(always)]
    pub(super) const fn next(&self, [row, column]: [usize; 2]) -> ([usize; 2], usize) {
        if column + self.block[1] < self.to[1] {
            ([row, column + self.block[1]], 0)
        } else if row + self.block[0] < self.to[0] {
            ([row + self.block[0], 0], 0)
        } else {
            ([0, 0], 1)
        }
    }

    /// Rows of a copy for each tile of so many rungs, if they are copied beside as many as a block has.
    pub(super) const fn beside(&self, lanes: usize, rungs: usize) -> usize {
        let [rows, columns] = self.block;
        let tiles = if self.lies() {
            columns.div_ceil(lanes).div_ceil(rungs)
        } else {
            columns.div_ceil(lanes) * rows.div_ceil(rungs)
        };
        self.lines.div_ceil(tiles)
    }

    /// Calls `ladder` with each ladder of the block that begins there.
    #[inline(always)]
    pub(super) fn for_each_ladder(
        &self,
        [row, column]: [usize; 2],
        lanes: usize,
        mut ladder: impl FnMut(Ladder),
    ) {
        let (rows, columns) = (self.block[0].min(self.to[0] - row), self.block[1].min(self.to[1] - column));
        let (from, to) = (self.lead - self.before[1], row * self.to[1] + column);
        if self.lies() {
            return ladder(Ladder { from, to, rungs: columns.div_ceil(lanes), columns });
        }
        let step = self.dilation[0];
        for first in 0..step.min(rows) {
            let rungs = (rows - first).div_ceil(step);
            for column in (0..columns).step_by(lanes) {
                ladder(Ladder {
                    from: from + first * self.pitch + column,
                    to: to + first * self.to[1] + column,
                    rungs,
                    columns: columns - column,
                });
            }
        }
    }

    /// Puts 0 where nothing is copied to.
    /// # Safety
    /// `copy` is valid for writing [`Cut::room`].
    #[inline(always)]
    pub(super) unsafe fn clear<T: Float>(&self, copy: *mut T) {
        // SAFETY: the caller's promise; a number of 0 bits is 0.
        unsafe { copy.write_bytes(0, self.room()) }
    }

    /// To copy what the block that begins at a place of the result takes.
    /// # Safety
    /// `plane` is valid for reading a plane, `copy` for writing [`Cut::room`], as long as it is at work; `copy` was cleared before the
    /// first block of such planes.
    #[inline(always)]
    pub(super) unsafe fn begin<T: Float>(
        &self,
        plane: *const T,
        [row, column]: [usize; 2],
        copy: *mut T,
    ) -> Copying<T> {
        let [height, width] = self.from;
        let shift = column.min(self.lead);
        let (start, end) = (column - shift, (column + self.pitch - self.lead).min(width));
        let first = self.before[0].saturating_sub(row);
        let last = (height + self.before[0] - row).min(self.lines);
        if self.block[0] < self.to[0] || self.block[1] < self.to[1] {
            // SAFETY: the caller's promise; a number of 0 bits is 0.
            unsafe {
                copy.write_bytes(0, first * self.pitch);
                copy.add(last * self.pitch).write_bytes(0, (self.lines - last) * self.pitch);
                if self.block[1] < self.to[1] {
                    for line in first..last {
                        copy.add(line * self.pitch).write_bytes(0, self.pitch);
                    }
                }
            }
        }
        // A plane may be a page of memory: its first lines are far away, those behind them come as they are read.
        for line in 0..4 {
            prefetch_far(plane.wrapping_add(height * width + line * LANES));
        }
        Copying {
            from: plane.wrapping_add((row + first - self.before[0]) * width + start),
            to: copy.wrapping_add(first * self.pitch + self.lead - shift),
            lines: last - first,
            length: end - start,
            steps: [width, self.pitch],
        }
    }
}

/// Rows of a plane on their way to a copy, some at a time, so that they come from memory while others are at work.
pub(super) struct Copying<T> {
    from: *const T,
    to: *mut T,
    lines: usize,
    /// Numbers of a row.
    length: usize,
    /// From one row to the next.
    steps: [usize; 2],
}

impl<T: Float> Copying<T> {
    /// Nothing to be copied.
    pub(super) const NOTHING: Self =
        Copying { from: core::ptr::null(), to: core::ptr::null_mut(), lines: 0, length: 0, steps: [0; 2] };

    /// The next so many rows, or those that are left.
    /// # Safety
    /// What [`Cut::begin`] was promised still holds.
    #[inline(always)]
    pub(super) unsafe fn advance<S: Simd>(&mut self, simd: S, lines: usize) {
        let (lanes, zero) = (VectorOf::<S, T>::LANES, VectorOf::<S, T>::zero(simd));
        let lines = lines.min(self.lines);
        self.lines -= lines;
        for _ in 0..lines {
            // SAFETY: the row is one of the plane's; a row of the copy has room for whole registers.
            unsafe {
                let mut at = 0;
                while at + lanes <= self.length {
                    VectorOf::<S, T>::load_pointer(simd, self.from.add(at)).store_pointer(self.to.add(at));
                    at += lanes;
                }
                if at < self.length {
                    let (from, count) = (self.from.add(at), self.length - at);
                    VectorOf::<S, T>::load_partial_pointer(simd, from, count, zero)
                        .store_pointer(self.to.add(at));
                }
            }
            self.from = self.from.wrapping_add(self.steps[0]);
            self.to = self.to.wrapping_add(self.steps[1]);
        }
    }
}

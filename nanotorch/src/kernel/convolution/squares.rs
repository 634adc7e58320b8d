//! Which convolutions are computed by squares of 4 by 4 places, and how their images are cut.

use super::stage::Shape;
use super::sweep::Direction;
use super::{Convolution, LANES};

/// Products of a square: 6 by 6.
pub(super) const WAYS: usize = 36;

/// Channels of either side from which on transforming pays: below, it takes as long as what it saves.
const LEAST_CHANNELS: usize = 16;

/// Transformed numbers that stay in the second level of the cache.
const NEAR: usize = 320 * 1024;

/// The squares of an image, and the chunks of them that are computed together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Squares {
    pub(super) groups: usize,
    /// Channels of what comes in, in a group.
    pub(super) sources: usize,
    /// Channels of the result, in a group.
    pub(super) results: usize,
    /// Lengths of the result.
    pub(super) height: usize,
    pub(super) width: usize,
    /// Lengths of what comes in, and what is imagined before it.
    lengths: [usize; 3],
    before: [usize; 3],
    /// Squares along each axis.
    pub(super) down: usize,
    pub(super) across: usize,
    /// The same of a chunk.
    pub(super) chunk_rows: usize,
    pub(super) chunk_columns: usize,
}

impl Squares {
    /// The squares of a convolution for which they are worth it.
    ///
    /// The rule: a window of 3 by 3 that moves by one, enough channels, and at most three of eight places computed for nothing.
    /// Then there are at least 2.5 times fewer products, which is more than the transforms cost (`cnn-deep` in the benchmarks).
    pub(super) const fn of(size: &Convolution, direction: Direction) -> Option<Squares> {
        let window = &size.window;
        let (kernel, input, output) = (window.kernel, window.input, window.output);
        let (stride, dilation) = (window.stride, window.dilation);
        let mut axis = 1;
        let mut fits = kernel[0] == 1 && input[0] == 1 && output[0] == 1 && window.before[0] == 0;
        while axis < 3 {
            fits &= kernel[axis] == 3 && stride[axis] == 1 && dilation[axis] == 1;
            fits &= window.before[axis] <= 2 && window.after[axis] <= 2;
            fits &= output[axis] + 2 == input[axis] + window.before[axis] + window.after[axis];
            axis += 1;
        }
        let (sources, results, from, to, before) = match direction {
            Direction::Forward => (size.inputs, size.outputs, input, output, window.before),
            Direction::Backward => {
                if !fits {
                    return None;
                }
                let before = [0, 2 - window.before[1], 2 - window.before[2]];
                (size.outputs, size.inputs, output, input, before)
            }
        };
        let (down, across) = (to[1].div_ceil(4), to[2].div_ceil(4));
        fits &= sources >= LEAST_CHANNELS && results >= LEAST_CHANNELS;
        fits &= 5 * 16 * down * across <= 8 * to[1] * to[2];
        if !fits {
            return None;
        }
        let most = NEAR / (WAYS * sources * LANES);
        let most = if most < 2 {
            2
        } else if most > 12 {
            12
        } else {
            most
        };
        let chunk_columns = across.div_ceil(across.div_ceil(most));
        let chunk_rows = if chunk_columns < across {
            1
        } else {
            let rows = if most / across < 1 { 1 } else { most / across };
            if rows < down { rows } else { down }
        };
        let (height, width) = (to[1], to[2]);
        Some(Squares {
            groups: size.groups,
            sources,
            results,
            height,
            width,
            lengths: from,
            before,
            down,
            across,
            chunk_rows,
            chunk_columns,
        })
    }

    /// What comes in, on the stage, with the numbers around each square.
    pub(super) const fn shape(&self) -> Shape {
        Shape {
            channels: self.groups * self.sources,
            lengths: self.lengths,
            padded: [1, 4 * self.down + 2, 4 * self.across + 2],
            before: self.before,
        }
    }
}

//! Which convolutions are computed by squares of 4 by 4 places, and how their images are cut.

use super::stage::Shape;
use super::sweep::Direction;
use super::{Convolution, LANES, Way};

/// Products of a square: 6 by 6.
pub(super) const WAYS: usize = 36;

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
    pub(super) lengths: [usize; 3],
    pub(super) before: [usize; 3],
    /// Squares along each axis.
    pub(super) down: usize,
    pub(super) across: usize,
    /// The same of a chunk.
    pub(super) chunk_rows: usize,
    pub(super) chunk_columns: usize,
}

/// Whether the way that was chosen is that of squares: the window must be one of 3 by 3 that moves by one.
const fn chosen(size: &Convolution) -> bool {
    let window = &size.window;
    let (kernel, input, output) = (window.kernel, window.input, window.output);
    let mut fits = kernel[0] == 1 && input[0] == 1 && output[0] == 1 && window.before[0] == 0;
    let mut axis = 1;
    while axis < 3 {
        fits &= kernel[axis] == 3 && window.stride[axis] == 1 && window.dilation[axis] == 1;
        fits &= window.before[axis] <= 2 && window.after[axis] <= 2;
        fits &= output[axis] + 2 == input[axis] + window.before[axis] + window.after[axis];
        axis += 1;
    }
    fits && matches!(size.way, Way::BySize | Way::Squares)
}

/// Whether squares are worth it, from so many channels to so many of an image.
///
/// The rule is that of the benchmark `squares`: the more channels, the less the transforms cost, and the more places may be
/// computed for nothing: with 16 channels three of eight, with 32 a half, with 8 none, and only in large images.
const fn pays(sources: usize, results: usize, to: [usize; 3]) -> bool {
    let (places, computed) = (to[1] * to[2], 16 * to[1].div_ceil(4) * to[2].div_ceil(4));
    match if sources < results { sources } else { results } {
        32.. => computed <= 2 * places,
        16..32 => 5 * computed <= 8 * places,
        8..16 => places >= 256 && computed == places,
        _ => false,
    }
}

/// Whether the gradient by the weights is computed by squares: with 16 channels it takes about half as long, even where half of
/// the places are computed for nothing, and with 8, which are half of a register, longer.
pub(super) const fn of_weights(size: &Convolution) -> bool {
    let [_, height, width] = size.window.output;
    let computed = 16 * height.div_ceil(4) * width.div_ceil(4);
    let pays = size.inputs >= LANES && size.outputs >= LANES && computed <= 2 * height * width;
    chosen(size) && (matches!(size.way, Way::Squares) || pays)
}

impl Squares {
    /// The squares of a convolution that is computed by them.
    pub(super) const fn of(size: &Convolution, direction: Direction) -> Option<Squares> {
        if !chosen(size) {
            return None;
        }
        let window = &size.window;
        let ((sources, results), (from, to)) = (size.channels(direction), size.lengths(direction));
        let before = match direction {
            Direction::Forward => window.before,
            Direction::Backward => [0, 2 - window.before[1], 2 - window.before[2]],
        };
        let (down, across) = (to[1].div_ceil(4), to[2].div_ceil(4));
        if matches!(size.way, Way::BySize) && !pays(sources, results, to) {
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

//! Which taps of the window meet which numbers of the stage at a place of the result, and in which order.

use super::{Convolution, LANES};
use crate::kernel::window::Window;

/// Which way numbers go through the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// From the input to the output.
    Forward,
    /// From the output's gradient to the input's.
    Backward,
}

/// A loop over taps along an axis, or over channels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loop {
    pub(super) count: usize,
    /// From one turn to the next in the stage.
    pub(super) step: isize,
    /// From one turn to the next in the packed weights, in lines of a tile's rows.
    pub(super) line: usize,
}

/// The taps at one place of the result.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    /// Where in a channel of the stage the first number is.
    pub(super) offset: usize,
    /// The line of the packed weights of the first tap.
    pub(super) line: usize,
    /// Taps along each axis.
    pub(super) count: [usize; 3],
}

/// Places with the same taps, in one line of the stage, as many as a tile has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Neighbours {
    pub(super) first: usize,
    pub(super) count: usize,
    /// From one to the next among the places.
    pub(super) hop: usize,
    /// From one to the next in the stage.
    pub(super) step: usize,
}

/// The way over the places of a result.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sweep {
    window: Window,
    direction: Direction,
    /// Lengths of the result.
    pub(super) places: [usize; 3],
    /// Taps along each axis; `count` is of a place.
    taps: [Loop; 3],
    channels: Loop,
    /// Whether channels are the innermost loop, rather than the outermost.
    channels_inside: bool,
    /// From one number to the next along each axis of the stage.
    pitch: [usize; 3],
    /// Along each axis, from one tap that meets a number to the next.
    tap_step: [usize; 3],
}

impl Sweep {
    /// The way for numbers that are `width` apart in the stage.
    pub(super) fn new(size: &Convolution, direction: Direction, width: usize) -> Sweep {
        let window = size.window;
        let (stage, places, channels) = match direction {
            Direction::Forward => (window.padded(), window.output, size.inputs),
            Direction::Backward => (window.output, window.input, size.outputs),
        };
        let pitch = [stage[1] * stage[2] * width, stage[2] * width, width];
        let kernel = window.kernel;
        // Channels are innermost where the rows of the window are too short to be a loop.
        let channels_inside = kernel[2] == 1;
        let taps_line = if channels_inside { channels } else { 1 };
        let lines = [kernel[1] * kernel[2] * taps_line, kernel[2] * taps_line, taps_line];
        let mut taps = [Loop { count: 0, step: 0, line: 0 }; 3];
        let mut tap_step = [1; 3];
        for axis in 0..3 {
            let (stride, dilation) = (window.stride[axis], window.dilation[axis]);
            let step = match direction {
                Direction::Forward => (dilation * pitch[axis]) as isize,
                Direction::Backward => {
                    let common = divisor(stride, dilation);
                    tap_step[axis] = stride / common;
                    -((dilation / common * pitch[axis]) as isize)
                }
            };
            taps[axis] = Loop { count: 0, step, line: tap_step[axis] * lines[axis] };
        }
        let line = if channels_inside { 1 } else { window.taps() };
        let channels = Loop { count: channels, step: (stage[0] * pitch[0]) as isize, line };
        Sweep { window, direction, places, taps, channels, channels_inside, pitch, tap_step }
    }

    /// Numbers of the stage in each channel.
    pub(super) fn channel_step(&self) -> usize {
        self.channels.step as usize
    }

    /// Lines of packed weights: channels times taps.
    pub(super) fn lines(&self) -> usize {
        self.channels.count * self.window.taps()
    }

    /// The line of the weight for a channel and a tap.
    pub(super) fn line(&self, channel: usize, tap: usize) -> usize {
        if self.channels_inside {
            tap * self.channels.count + channel
        } else {
            channel * self.window.taps() + tap
        }
    }

    /// Whether lines are in the order of the weights' own axes.
    pub(super) fn is_natural(&self) -> bool {
        !self.channels_inside || self.window.taps() == 1
    }

    /// The taps at the place number `index`.
    pub(super) fn place(&self, index: usize) -> Place {
        let [_, rows, columns] = self.places;
        let coordinates = [index / columns / rows, index / columns % rows, index % columns];
        let mut place = Place::default();
        for (axis, at) in coordinates.into_iter().enumerate() {
            let (tap, count, start) = match self.direction {
                Direction::Forward => (0, self.window.kernel[axis], at * self.window.stride[axis]),
                Direction::Backward => self.sources(axis, at),
            };
            place.offset += start * self.pitch[axis];
            place.line += tap * (self.taps[axis].line / self.tap_step[axis]);
            place.count[axis] = count;
        }
        place
    }

    /// The taps along an axis that bring something to the place `at` of the input, and the first place of the output that
    /// they bring it from: `place * stride + tap * dilation = at + before`.
    fn sources(&self, axis: usize, at: usize) -> (usize, usize, usize) {
        let window = &self.window;
        let (stride, dilation) = (window.stride[axis], window.dilation[axis]);
        let (at, last) = (at + window.before[axis], window.output[axis] - 1);
        let least = at.saturating_sub(stride * last).div_ceil(dilation);
        let most = (at / dilation).min(window.kernel[axis] - 1);
        let step = self.tap_step[axis];
        let first =
            (least..least + step).find(|tap| tap * dilation <= at && (at - tap * dilation) % stride == 0);
        match first {
            Some(first) if first <= most => {
                (first, (most - first) / step + 1, (at - first * dilation) / stride)
            }
            _ => (0, 0, 0),
        }
    }

    /// Cuts a register of places into tiles, each as `wide` as that says of how many are left; returns how many there are.
    ///
    /// On the way back, the next place with the same taps is a stride away.
    #[inline(always)]
    pub(super) fn neighbours(
        &self,
        places: &[Place],
        wide: impl Fn(usize) -> usize,
        tiles: &mut [Neighbours; LANES],
    ) -> usize {
        let hop = match self.direction {
            Direction::Forward => 1,
            Direction::Backward => self.window.stride[2],
        };
        let mut count = 0;
        for phase in 0..hop.min(places.len()) {
            let mut first = phase;
            while first < places.len() {
                let place = &places[first];
                let step = places.get(first + hop).map_or(0, |next| next.offset.wrapping_sub(place.offset));
                let is_neighbour = |(index, other): (usize, &Place)| {
                    other.offset == place.offset.wrapping_add(index.wrapping_mul(step))
                        && other.line == place.line
                        && other.count == place.count
                };
                let along = places[first..].iter().step_by(hop).enumerate();
                let mut left = along.take_while(|&entry| is_neighbour(entry)).count();
                while left > 0 {
                    let count_of_tile = wide(left);
                    tiles[count] = Neighbours { first, count: count_of_tile, hop, step };
                    (first, left) = (first + count_of_tile * hop, left - count_of_tile);
                    count += 1;
                }
            }
        }
        count
    }

    /// The loops at a place, outermost first.
    #[inline(always)]
    pub(super) fn loops(&self, place: &Place) -> [Loop; 4] {
        let [a, b, c] = self.taps;
        let [a, b, c] = [
            Loop { count: place.count[0], ..a },
            Loop { count: place.count[1], ..b },
            Loop { count: place.count[2], ..c },
        ];
        if self.channels_inside { [a, b, c, self.channels] } else { [self.channels, a, b, c] }
    }
}

/// The greatest common divisor.
const fn divisor(mut a: usize, mut b: usize) -> usize {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

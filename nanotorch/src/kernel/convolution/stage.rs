//! Between batches in memory, sample after sample, and stages, where samples are the innermost axis.

use core::ops::Range;

use generic_array::GenericArray;
use generic_array::sequence::GenericSequence;

use super::Convolution;
use crate::element::Float;
use crate::kernel::finish::Finisher;
use crate::kernel::gemm::transpose;
use crate::kernel::window::volume;
use crate::simd::{Simd, Vector, VectorOf};

/// How the samples of a batch lie in memory, and the stage that they are copied to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) channels: usize,
    /// Lengths of a channel of a sample.
    pub(super) lengths: [usize; 3],
    /// The same in the stage, with room for what is imagined.
    pub(super) padded: [usize; 3],
    /// Where in the stage the first number of a channel is.
    pub(super) before: [usize; 3],
}

impl Shape {
    /// That of a convolution's input, with what is imagined around it.
    pub(super) const fn of_input(size: &Convolution) -> Shape {
        let (window, channels) = (&size.window, size.groups * size.inputs);
        Shape { channels, lengths: window.input, padded: window.padded(), before: window.before }
    }

    /// That of a convolution's output.
    pub(super) const fn of_output(size: &Convolution) -> Shape {
        let lengths = size.window.output;
        Shape { channels: size.groups * size.outputs, lengths, padded: lengths, before: [0; 3] }
    }

    /// Numbers of one sample in memory.
    pub(super) const fn length(&self) -> usize {
        self.channels * volume(self.lengths)
    }

    /// Numbers of one sample in the stage.
    pub(super) const fn staged(&self) -> usize {
        self.channels * volume(self.padded)
    }

    /// Calls `run` with each stretch of numbers of some channels that are neighbours in memory and in the stage: where it begins
    /// in both, and how long it is.
    #[inline(always)]
    pub(super) fn for_each_run(&self, channels: Range<usize>, mut run: impl FnMut(usize, usize, usize)) {
        if self.length() == self.staged() {
            let (start, length) =
                (channels.start * volume(self.lengths), channels.len() * volume(self.lengths));
            return run(start, start, length);
        }
        let [planes, rows, columns] = self.lengths;
        let (pitch, row_pitch) = (self.padded[1] * self.padded[2], self.padded[2]);
        for channel in channels {
            for plane in 0..planes {
                for row in 0..rows {
                    let from = ((channel * planes + plane) * rows + row) * columns;
                    let to = channel * volume(self.padded)
                        + (plane + self.before[0]) * pitch
                        + (row + self.before[1]) * row_pitch
                        + self.before[2];
                    run(from, to, columns);
                }
            }
        }
    }

    /// Puts 0 where numbers are only imagined, once for all batches.
    /// # Safety
    /// `stage` is valid for writing `staged() * width` numbers.
    #[inline(always)]
    pub(super) unsafe fn clear<T: Float>(&self, stage: *mut T, width: usize) {
        if self.length() != self.staged() {
            // SAFETY: the caller's promise; a number of 0 bits is 0.
            unsafe { stage.write_bytes(0, self.staged() * width) }
        }
    }

    /// Number p of sample n goes to `stage[p * width + n]`, and 0 to the places of samples from `count` to `width`.
    /// # Safety
    /// `source` is valid for reading `count` samples, `stage` for writing `staged() * width` numbers; `count <= width`, a
    /// multiple of the lanes.
    #[inline(always)]
    pub(super) unsafe fn fill<S: Simd, T: Float>(
        &self,
        simd: S,
        source: *const T,
        count: usize,
        width: usize,
        stage: *mut T,
    ) {
        // SAFETY: the caller's promise.
        unsafe { self.fill_channels(simd, 0..self.channels, source, count, width, stage) }
    }

    /// As [`Shape::fill`], but some channels only.
    /// # Safety
    /// As of that.
    #[inline(always)]
    pub(super) unsafe fn fill_channels<S: Simd, T: Float>(
        &self,
        simd: S,
        channels: Range<usize>,
        source: *const T,
        count: usize,
        width: usize,
        stage: *mut T,
    ) {
        self.for_each_run(
            channels,
            #[inline(always)]
            |from, to, length| {
                // SAFETY: the run lies within each sample, and within the stage.
                unsafe {
                    let target = stage.add(to * width);
                    transpose(simd, source.add(from), self.length(), length, count, width, target);
                }
            },
        );
    }
}

/// Sums for up to a register of places become stretches of `places` numbers in `count` samples: lane n of place j goes to
/// `target[n * sample_step + j]`, as `finish` has it. The sums of neighbouring places are `width` apart.
/// # Safety
/// `sums` is valid for reading so many lines of a register, `target` for writing those stretches; `places` and `count` are at
/// most the lanes.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "two places in memory and how each is cut")]
pub(super) unsafe fn put<S: Simd, T: Float>(
    simd: S,
    sums: *const T,
    width: usize,
    places: usize,
    finish: Finisher<VectorOf<S, T>>,
    target: *mut T,
    sample_step: usize,
    count: usize,
) {
    let lanes = VectorOf::<S, T>::LANES;
    let zero = VectorOf::<S, T>::zero(simd);
    let lines = GenericArray::generate(
        #[inline(always)]
        |place| {
            if place < places {
                // SAFETY: the caller's promise.
                unsafe { VectorOf::<S, T>::load_pointer(simd, sums.add(place * width)) }
            } else {
                zero
            }
        },
    );
    let samples = VectorOf::<S, T>::transpose(lines);
    for sample in 0..lanes {
        if sample < count {
            let numbers = finish.apply(samples[sample]);
            // SAFETY: the caller's promise.
            unsafe {
                let target = target.add(sample * sample_step);
                if places == lanes {
                    numbers.store_pointer(target);
                } else {
                    numbers.store_partial_pointer(target, places);
                }
            }
        }
    }
}

/// As [`put`], for as many places as the line has.
/// # Safety
/// As of that.
#[inline(always)]
pub(super) unsafe fn put_line<S: Simd, T: Float>(
    simd: S,
    line: *const T,
    length: usize,
    finish: Finisher<VectorOf<S, T>>,
    target: *mut T,
    sample_step: usize,
    count: usize,
) {
    let lanes = VectorOf::<S, T>::LANES;
    for first in (0..length).step_by(lanes) {
        let places = (length - first).min(lanes);
        // SAFETY: the caller's promise.
        unsafe {
            put(simd, line.add(first * lanes), lanes, places, finish, target.add(first), sample_step, count);
        }
    }
}

//! Pooling: the largest number or the mean under a window, for each plane (channel of a sample) by itself.
//!
//! ```text
//! maximum  y(p) = max over t of x(p * stride + t * dilation - before)     what is imagined doesn't count
//! mean     y(p) = 1/n Σ over t of x(p * stride + t - before)             n: taps, or those that aren't imagined
//! ```
//! Windows of two by two side by side, by far the most frequent, have a way of their own, in registers.

mod adaptive;
mod two_by_two;

use super::compiled::compiled;
use super::window::{Window, volume};
use crate::element::Float;
use crate::simd::{Simd, WithSimd};
use crate::threads::{Threads, chunk};
pub use adaptive::{adaptive_mean_backward, adaptive_mean_forward};
pub(super) use two_by_two::later;

/// Numbers of the input that are worth handing to another thread.
const LEAST: usize = 16 * 1024;

/// What becomes of the numbers under a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// The largest one; NaN if there is one.
    Maximum,
    /// The mean. What is imagined counts as 0 if it is to be included, else not at all.
    Mean {
        /// Whether what is imagined counts as 0.
        include_padding: bool,
    },
}

/// The numbers that a window takes at one place: where in a plane they are.
#[derive(Clone, Copy)]
struct Taps {
    start: usize,
    count: [usize; 3],
    step: [usize; 3],
}

impl Taps {
    #[inline(always)]
    fn at(window: &Window, index: usize) -> Taps {
        let [_, rows, columns] = window.output;
        let [_, input_rows, input_columns] = window.input;
        let (a, b, c) = (index / columns / rows, index / columns % rows, index % columns);
        let (_, planes, plane) = window.real(0, a);
        let (_, lines, line) = window.real(1, b);
        let (_, count, column) = window.real(2, c);
        Taps {
            start: (plane * input_rows + line) * input_columns + column,
            count: [planes, lines, count],
            step: [
                window.dilation[0] * input_rows * input_columns,
                window.dilation[1] * input_columns,
                window.dilation[2],
            ],
        }
    }

    /// Places in the plane, in order.
    #[inline(always)]
    fn for_each(self, mut tap: impl FnMut(usize)) {
        for a in 0..self.count[0] {
            for b in 0..self.count[1] {
                for c in 0..self.count[2] {
                    tap(self.start + a * self.step[0] + b * self.step[1] + c * self.step[2]);
                }
            }
        }
    }
}

fn check(window: &Window, x: usize, y: usize) -> usize {
    assert!(window.is_sound(), "the window leaves its input: {window:?}");
    let planes = y / volume(window.output);
    assert_eq!(y, planes * volume(window.output), "whole planes of the output");
    assert_eq!(x, planes * volume(window.input), "as many planes of the input");
    planes
}

/// `y = pooling under the window`, on several threads where there are many numbers.
/// # Panics
/// The lengths aren't those of as many planes.
#[inline(never)]
pub fn forward<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    pooling: Pooling,
    window: &Window,
    x: &[T],
    y: &mut [T],
) {
    let planes = check(window, x.len(), y.len());
    let each = chunk(planes, threads.parts(x.len(), LEAST), 1);
    let parts = x.chunks(each * volume(window.input)).zip(y.chunks_mut(each * volume(window.output)));
    threads.each(parts, |(x, y)| Forward { pooling, window, x, y }.call(simd));
}

/// The gradient by the input of [`forward`]. Of a maximum, the first of the largest numbers under a window has its gradient; of a
/// mean, each has its share, and `x` and `y` may be empty.
/// # Panics
/// As [`forward`].
#[inline(never)]
#[expect(clippy::too_many_arguments, reason = "a window, three operands, a target and who does it")]
pub fn backward<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    pooling: Pooling,
    window: &Window,
    x: &[T],
    y: &[T],
    dy: &[T],
    dx: &mut [T],
) {
    let planes = check(window, dx.len(), dy.len());
    let each = chunk(planes, threads.parts(dx.len(), LEAST), 1);
    let (inputs, outputs) = (volume(window.input), volume(window.output));
    if pooling == Pooling::Maximum {
        assert_eq!((x.len(), y.len()), (dx.len(), dy.len()), "a gradient for each number");
    }
    let part = move |numbers: &'_ [T], part: usize, length: usize| {
        let start = (part * each * length).min(numbers.len());
        start..(start + each * length).min(numbers.len())
    };
    let gradients = dy.chunks(each * outputs).zip(dx.chunks_mut(each * inputs));
    let parts = gradients.enumerate().map(|(index, (dy, dx))| {
        let (x, y) = (&x[part(x, index, inputs)], &y[part(y, index, outputs)]);
        Backward { pooling, window, x, y, dy, dx }
    });
    threads.each(parts, |part| part.call(simd));
}

/// Planes on their way under the window.
struct Forward<'a, T> {
    pooling: Pooling,
    window: &'a Window,
    x: &'a [T],
    y: &'a mut [T],
}

compiled!(Forward, "prebuilt");

impl<T: Float> WithSimd for Forward<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Forward { pooling, window, x, y } = self;
        let planes = x.chunks_exact(volume(window.input)).zip(y.chunks_exact_mut(volume(window.output)));
        match pooling {
            Pooling::Maximum if two_by_two::is(window) => {
                for (x, y) in planes {
                    two_by_two::forward(simd, window, x, y);
                }
            }
            Pooling::Maximum => {
                for (x, y) in planes {
                    for (index, y) in y.iter_mut().enumerate() {
                        let mut most = T::NEG_INFINITY;
                        Taps::at(window, index).for_each(|place| {
                            if x[place] > most || x[place].is_nan() {
                                most = x[place];
                            }
                        });
                        *y = most;
                    }
                }
            }
            Pooling::Mean { .. } if is_whole(window) => {
                for (x, y) in planes {
                    y[0] = super::reduce::sum(simd, x) / T::from_usize(x.len());
                }
            }
            Pooling::Mean { include_padding } => {
                for (x, y) in planes {
                    for (index, y) in y.iter_mut().enumerate() {
                        let taps = Taps::at(window, index);
                        let mut sum = T::ZERO;
                        taps.for_each(|place| sum += x[place]);
                        *y = sum / divisor(window, include_padding, taps);
                    }
                }
            }
        }
    }
}

/// Gradients of planes on their way back.
struct Backward<'a, T> {
    pooling: Pooling,
    window: &'a Window,
    x: &'a [T],
    y: &'a [T],
    dy: &'a [T],
    dx: &'a mut [T],
}

compiled!(Backward, "prebuilt");

impl<T: Float> WithSimd for Backward<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Backward { pooling, window, x, y, dy, dx } = self;
        let (inputs, outputs) = (volume(window.input), volume(window.output));
        let gradients = dx.chunks_exact_mut(inputs).zip(dy.chunks_exact(outputs));
        let kept = x.chunks_exact(inputs).zip(y.chunks_exact(outputs));
        match pooling {
            Pooling::Maximum if two_by_two::is(window) => {
                for ((dx, dy), (x, y)) in gradients.zip(kept) {
                    two_by_two::backward(simd, window, x, y, dy, dx);
                }
            }
            Pooling::Maximum => {
                for ((dx, dy), (x, y)) in gradients.zip(kept) {
                    dx.fill(T::ZERO);
                    for (index, (y, dy)) in y.iter().zip(dy).enumerate() {
                        if let Some(place) = chosen(window, index, x, *y) {
                            dx[place] += *dy;
                        }
                    }
                }
            }
            Pooling::Mean { .. } if is_whole(window) => {
                for (dx, dy) in gradients {
                    dx.fill(dy[0] / T::from_usize(dx.len()));
                }
            }
            Pooling::Mean { include_padding } => {
                for (dx, dy) in gradients {
                    dx.fill(T::ZERO);
                    for (index, dy) in dy.iter().enumerate() {
                        let taps = Taps::at(window, index);
                        let share = *dy / divisor(window, include_padding, taps);
                        taps.for_each(|place| dx[place] += share);
                    }
                }
            }
        }
    }
}

/// Where in a plane the first of the largest numbers under a window is, or the first NaN.
#[inline(always)]
fn chosen<T: Float>(window: &Window, index: usize, x: &[T], y: T) -> Option<usize> {
    let mut chosen = None;
    Taps::at(window, index).for_each(|place| {
        if chosen.is_none() && (x[place] == y || x[place].is_nan()) {
            chosen = Some(place);
        }
    });
    chosen
}

/// `picked = c` at the places whose numbers in `x` are the largest, `y`: what the gradient of a maximum goes back by, forwards. 0
/// where a window has only imagined numbers.
/// # Panics
/// As [`forward`].
pub fn pick_maxima<T: Float>(window: &Window, x: &[T], y: &[T], c: &[T], picked: &mut [T]) {
    check(window, x.len(), y.len());
    assert_eq!((x.len(), y.len()), (c.len(), picked.len()), "a number for each number");
    let (inputs, outputs) = (volume(window.input), volume(window.output));
    let numbers = x.chunks_exact(inputs).zip(c.chunks_exact(inputs));
    let results = y.chunks_exact(outputs).zip(picked.chunks_exact_mut(outputs));
    for ((x, c), (y, picked)) in numbers.zip(results) {
        for (index, (&y, picked)) in y.iter().zip(picked).enumerate() {
            *picked = chosen(window, index, x, y).map_or(T::ZERO, |place| c[place]);
        }
    }
}

/// Whether there is one window, over all that there is.
fn is_whole(window: &Window) -> bool {
    window.kernel == window.input && window.is_unpadded() && window.dilation == [1; 3]
}

/// What a sum is divided by to be the mean.
#[inline(always)]
fn divisor<T: Float>(window: &Window, include_padding: bool, taps: Taps) -> T {
    T::from_usize(if include_padding { window.taps() } else { volume(taps.count).max(1) })
}

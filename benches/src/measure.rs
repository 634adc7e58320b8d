//! What is measured, for whoever measures it, and the numbers that it is measured with.

use std::fmt::Display;
use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use crate::Options;

/// What one line of a workload is.
pub struct Line<'a> {
    /// Whose line it is.
    pub workload: &'a str,
    /// What it is called.
    pub name: &'a str,
    /// On how many threads the work is done.
    pub threads: usize,
    /// What a call's time is set against.
    pub unit: Unit,
    /// About how long there is to measure it.
    pub time: Duration,
}

/// What a call's time is set against.
#[derive(Clone, Copy)]
pub enum Unit {
    /// So many elements, each of which takes its time.
    Elements(usize),
    /// So many operations, of which there are some in a second.
    Operations(usize),
    /// Nothing: the call is what is measured.
    Calls,
}

/// Who measures the lines of a workload.
pub trait Clock {
    /// Measures a line, given what does its work so many times and says how long that took. Returns the least time of a call in
    /// nanoseconds, or NaN if it isn't known.
    fn line(&self, line: &Line<'_>, work: &mut dyn FnMut(u64) -> Duration) -> f64;
    /// Takes down what is no time.
    fn number(&self, workload: &str, threads: usize, name: &str, value: &dyn Display);
}

/// The time of a workload, shared out equally among its lines.
pub(crate) struct Shares<'a> {
    workload: &'a str,
    options: Options<'a>,
    each: Duration,
}

impl<'a> Shares<'a> {
    /// The workload's seconds, for `lines` lines.
    pub(crate) fn new(workload: &'a str, options: Options<'a>, lines: usize) -> Self {
        let each = Duration::from_secs_f64(options.seconds / lines as f64);
        Self { workload, options, each }
    }

    /// How many threads there are to be.
    pub(crate) fn threads(&self) -> usize {
        self.options.threads
    }

    /// Takes down what is no time.
    pub(crate) fn print(&self, name: &str, value: impl Display) {
        self.options.clock.number(self.workload, self.options.threads, name, &value);
    }

    /// Measures what an element of `work` takes. Returns the least time in nanoseconds.
    pub(crate) fn line(&mut self, name: &str, elements: usize, work: impl FnMut()) -> f64 {
        self.measure(name, Unit::Elements(elements), work) / elements as f64
    }

    /// Measures the rate of the `operations` of `work`.
    pub(crate) fn rate(&mut self, name: &str, operations: usize, work: impl FnMut()) {
        self.measure(name, Unit::Operations(operations), work);
    }

    /// Measures calls of `work`.
    pub(crate) fn calls(&mut self, name: &str, work: impl FnMut()) {
        self.measure(name, Unit::Calls, work);
    }

    fn measure(&mut self, name: &str, unit: Unit, mut work: impl FnMut()) -> f64 {
        let (workload, threads) = (self.workload, self.options.threads);
        let line = Line { workload, name, threads, unit, time: self.each };
        self.options.clock.line(&line, &mut |calls| {
            let start = Instant::now();
            for _ in 0..calls {
                work();
            }
            start.elapsed()
        })
    }
}

/// Numbers that start at a cache line, as the memory of models and tensors does.
pub(crate) struct Buffer {
    numbers: Vec<f32>,
    start: usize,
}

impl Buffer {
    /// The numbers that `number` yields.
    pub(crate) fn new(length: usize, mut number: impl FnMut() -> f32) -> Self {
        let mut numbers = vec![0.0; length + 16];
        let start = numbers.as_ptr().align_offset(64).min(16);
        numbers[start..][..length].iter_mut().for_each(|x| *x = number());
        numbers.truncate(start + length);
        Self { numbers, start }
    }
}

impl Deref for Buffer {
    type Target = [f32];
    fn deref(&self) -> &[f32] {
        &self.numbers[self.start..]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.numbers[self.start..]
    }
}

/// Numbers from -range to range, the same in every run.
pub(crate) fn numbers(length: usize, range: f32) -> Buffer {
    let mut state = 1_u32;
    Buffer::new(length, || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        range * ((state >> 8) as f32 / (1 << 23) as f32 - 1.0)
    })
}

//! Clocks and lines that the workloads share.

use std::fmt::Display;
use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use crate::Options;

/// The time of a workload, shared out equally among its lines.
pub(crate) struct Shares {
    workload: &'static str,
    threads: usize,
    each: Duration,
}

impl Shares {
    /// The workload's seconds, for `lines` lines.
    pub(crate) fn new(workload: &'static str, options: Options, lines: usize) -> Self {
        let each = Duration::from_secs_f64(options.seconds / lines as f64);
        Self { workload, threads: options.threads, each }
    }

    /// How many threads there are to be.
    pub(crate) fn threads(&self) -> usize {
        self.threads
    }

    /// Prints a line.
    pub(crate) fn print(&self, metric: &str, value: impl Display) {
        println!("{},nanotorch,{},{metric},{value}", self.workload, self.threads);
    }

    /// Runs `work` over and over, prints the least time an element in nanoseconds, and returns it.
    pub(crate) fn line(&mut self, name: &str, elements: usize, work: impl FnMut()) -> f64 {
        let least = self.least(work) / elements as f64;
        self.print(&format!("{name}_ns_per_elt_min"), format_args!("{least:.3}"));
        least
    }

    /// Runs `work` over and over, and prints the highest rate of its `operations` in 10^9 a second.
    pub(crate) fn rate(&mut self, name: &str, operations: usize, work: impl FnMut()) {
        let rate = operations as f64 / self.least(work);
        self.print(&format!("{name}_GFLOPs_max"), format_args!("{rate:.1}"));
    }

    /// The least time of a call of `work`, in nanoseconds.
    fn least(&mut self, mut work: impl FnMut()) -> f64 {
        // As many calls to a round as make the clock's own time small.
        let start = Instant::now();
        work();
        let first = start.elapsed().as_nanos().max(1);
        let calls = (20_000 / first + 1) as u32;
        let mut least = f64::INFINITY;
        let mut rounds = 0;
        while rounds < 3 || start.elapsed() < self.each {
            let round = Instant::now();
            for _ in 0..calls {
                work();
            }
            least = least.min(round.elapsed().as_nanos() as f64 / f64::from(calls));
            rounds += 1;
        }
        least
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

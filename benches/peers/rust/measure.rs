// What the peers' programs share: arguments, clocks and lines.

use std::time::{Duration, Instant};

/// What is to be measured: `WORKLOAD [--secs S] [--threads N]`.
pub struct Options {
    pub workload: String,
    pub seconds: f64,
    pub threads: usize,
    pub peer: &'static str,
}

impl Options {
    pub fn read(peer: &'static str) -> Self {
        let mut options = Options { workload: String::new(), seconds: 5.0, threads: 1, peer };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--secs" => options.seconds = arguments.next().expect("a number").parse().expect("a number"),
                "--threads" => options.threads = arguments.next().expect("a number").parse().expect("a number"),
                _ => options.workload = argument,
            }
        }
        options
    }

    pub fn print(&self, metric: &str, value: f64) {
        println!("{},{},{},{metric},{value:.4}", self.workload, self.peer, self.threads);
    }

    /// Least and median microseconds a call, within `share` of the time.
    pub fn rounds(&self, metric: &str, share: f64, mut work: impl FnMut()) {
        let mut times = self.times(share, &mut work);
        times.sort_by(f64::total_cmp);
        self.print(&format!("{metric}_us_min"), times[0] * 1e6);
        self.print(&format!("{metric}_us_med"), times[times.len() / 2] * 1e6);
    }

    /// Least seconds a call.
    pub fn least(&self, share: f64, mut work: impl FnMut()) -> f64 {
        self.times(share, &mut work).into_iter().fold(f64::INFINITY, f64::min)
    }

    fn times(&self, share: f64, work: &mut dyn FnMut()) -> Vec<f64> {
        let mut time = |calls: u32| {
            let start = Instant::now();
            (0..calls).for_each(|_| work());
            start.elapsed()
        };
        let calls = (0..20).map(|power| 1 << power).find(|&calls| time(calls) >= Duration::from_micros(200)).unwrap_or(1);
        let end = Instant::now() + Duration::from_secs_f64(self.seconds * share);
        let mut times = Vec::new();
        while times.len() < 3 || Instant::now() < end {
            times.push(time(calls).as_secs_f64() / f64::from(calls));
        }
        times
    }
}

/// Numbers from -range to range, the same in every run.
pub fn numbers(length: usize, range: f32) -> Vec<f32> {
    let mut state = 1_u32;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            range * ((state >> 8) as f32 / (1 << 23) as f32 - 1.0)
        })
        .collect()
}

/// How many batches take turns.
pub const BATCHES: usize = 8;

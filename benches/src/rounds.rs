//! Time a call, of calls in rounds.

use std::time::{Duration, Instant};

/// A round lasts at least this long, so that the clock's own time is small beside it.
const ROUND: Duration = Duration::from_micros(200);

/// Microseconds a call, one number a round.
pub(crate) struct Rounds(Vec<f64>);

impl Rounds {
    /// Calls `work` over and over for `seconds`.
    pub(crate) fn measure(seconds: f64, mut work: impl FnMut()) -> Self {
        let calls = (0..20).map(|power| 1 << power).find(|&calls| time(calls, &mut work) >= ROUND);
        let calls = calls.unwrap_or(1_u32);
        let end = Instant::now() + Duration::from_secs_f64(seconds);
        let mut rounds = Vec::new();
        while rounds.is_empty() || Instant::now() < end {
            rounds.push(time(calls, &mut work).as_secs_f64() * 1e6 / f64::from(calls));
        }
        rounds.sort_by(f64::total_cmp);
        Rounds(rounds)
    }

    /// Prints the least and the median.
    pub(crate) fn print(&self, workload: &str, threads: usize, metric: &str) {
        println!("{workload},nanotorch,{threads},{metric}_us_min,{:.3}", self.0[0]);
        println!("{workload},nanotorch,{threads},{metric}_us_med,{:.3}", self.0[self.0.len() / 2]);
    }
}

fn time(calls: u32, work: &mut impl FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..calls {
        work();
    }
    start.elapsed()
}

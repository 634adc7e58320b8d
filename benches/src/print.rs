//! The clock of the program that prints figures: `workload,nanotorch,threads,metric,value`.

use std::fmt::Display;
use std::time::{Duration, Instant};

use crate::measure::{Clock, Line, Unit};

/// Prints the least time of many rounds; of calls the median, too.
pub struct Printer;

impl Clock for Printer {
    fn line(&self, line: &Line<'_>, work: &mut dyn FnMut(u64) -> Duration) -> f64 {
        let Line { workload, name, threads, .. } = *line;
        let print = |metric: &str, value: &dyn Display| {
            self.number(workload, threads, &format!("{name}_{metric}"), value);
        };
        match line.unit {
            Unit::Elements(elements) => {
                let least = least(line.time, work);
                print("ns_per_elt_min", &format_args!("{:.3}", least / elements as f64));
                least
            }
            Unit::Operations(operations) => {
                let least = least(line.time, work);
                print("GFLOPs_max", &format_args!("{:.1}", operations as f64 / least));
                least
            }
            Unit::Calls => {
                let rounds = rounds(line.time, work);
                print("us_min", &format_args!("{:.3}", rounds[0] / 1e3));
                print("us_med", &format_args!("{:.3}", rounds[rounds.len() / 2] / 1e3));
                rounds[0]
            }
        }
    }

    fn number(&self, workload: &str, threads: usize, name: &str, value: &dyn Display) {
        println!("{workload},nanotorch,{threads},{name},{value}");
    }
}

fn nanoseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}

/// The least time of a call, in nanoseconds, of short rounds.
fn least(time: Duration, work: &mut dyn FnMut(u64) -> Duration) -> f64 {
    // As many calls to a round as make the clock's own time small.
    const ROUND: f64 = 20_000.0;
    let start = Instant::now();
    let first = nanoseconds(work(1)).max(1.0);
    let calls = (ROUND / first) as u64 + 1;
    let mut least = f64::INFINITY;
    let mut rounds = 0;
    while rounds < 3 || start.elapsed() < time {
        least = least.min(nanoseconds(work(calls)) / calls as f64);
        rounds += 1;
    }
    least
}

/// The times of a call, in nanoseconds, one a round, from the least to the most.
fn rounds(time: Duration, work: &mut dyn FnMut(u64) -> Duration) -> Vec<f64> {
    /// A round lasts at least this long, so that the clock's own time is small beside it.
    const ROUND: Duration = Duration::from_micros(200);
    const MOST: u64 = 1 << 20;
    let calls = (0..20).map(|power| 1 << power).find(|&calls| work(calls) >= ROUND).unwrap_or(MOST);
    let end = Instant::now() + time;
    let mut rounds = Vec::new();
    while rounds.is_empty() || Instant::now() < end {
        rounds.push(nanoseconds(work(calls)) / calls as f64);
    }
    rounds.sort_by(f64::total_cmp);
    rounds
}

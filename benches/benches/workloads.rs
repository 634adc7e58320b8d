//! The workloads under a harness, which tells how sure a figure is and whether it has changed since the last run:
//! `cargo bench -p nanotorch-benches`, or `cargo bench -p nanotorch-benches -- gemm` for the lines whose names have `gemm` in them.
//!
//! `NANOTORCH_THREADS=2` has them run on two threads.

use std::cell::RefCell;
use std::fmt::Display;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use nanotorch_benches::{Clock, Line, Options, Unit, WORKLOADS};

/// Measured by the harness, which takes its own time and keeps its figures to itself.
struct Harness(RefCell<Criterion>);

impl Clock for Harness {
    fn line(&self, line: &Line<'_>, work: &mut dyn FnMut(u64) -> Duration) -> f64 {
        let mut criterion = self.0.borrow_mut();
        let mut group = criterion.benchmark_group(line.workload);
        match line.unit {
            Unit::Elements(count) | Unit::Operations(count) => {
                group.throughput(Throughput::Elements(count as u64));
            }
            Unit::Calls => {}
        }
        group.bench_function(line.name, |bencher| bencher.iter_custom(&mut *work));
        group.finish();
        f64::NAN
    }

    fn number(&self, _: &str, _: usize, _: &str, _: &dyn Display) {}
}

fn main() {
    let criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .sample_size(20)
        .configure_from_args();
    let harness = Harness(RefCell::new(criterion));
    let threads = std::env::var("NANOTORCH_THREADS").ok().and_then(|number| number.parse().ok()).unwrap_or(1);
    let options = Options { seconds: 0.0, threads, clock: &harness };
    // Builds of programs are no calls that could be repeated.
    for (_, workload) in WORKLOADS.into_iter().filter(|workload| workload.0 != "build") {
        workload(options);
    }
    harness.0.borrow().final_summary();
}

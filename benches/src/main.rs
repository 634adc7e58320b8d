//! Benchmarks: `cargo run --release -p nanotorch-benches -- NAME [--threads N] [--secs S] [--isa ISA]` prints
//! `workload,nanotorch,threads,metric,value`.

use nanotorch::simd::{Isa, select_isa};
use nanotorch::threads::MOST;
use nanotorch_benches::{Options, Printer, WORKLOADS};

const USAGE: &str = "usage: nanotorch-benches NAME [--threads N] [--secs S] [--isa avx512|avx2|neon|scalar]";

fn main() {
    if let Err(message) = run(std::env::args().skip(1)) {
        let names = WORKLOADS.map(|workload| workload.0).join(", ");
        eprintln!("{message}\n{USAGE}\nworkloads: {names}");
        std::process::exit(2);
    }
}

fn run(mut arguments: impl Iterator<Item = String>) -> Result<(), String> {
    let (mut workload, mut options) = (None, Options { seconds: 10.0, threads: 1, clock: &Printer });
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--secs" => {
                options.seconds = number(&argument, arguments.next())?;
                if !(0.0..=3600.0).contains(&options.seconds) {
                    return Err(format!("--secs {} is not within 0 and 3600", options.seconds));
                }
            }
            "--threads" => {
                options.threads = number(&argument, arguments.next())?;
                if !(1..=MOST).contains(&options.threads) {
                    return Err(format!("--threads {} is not within 1 and {MOST}", options.threads));
                }
            }
            "--isa" => {
                let name = arguments.next().ok_or("--isa needs a name")?;
                let isa =
                    Isa::from_name(&name).ok_or_else(|| format!("there is no instruction set `{name}`"))?;
                select_isa(isa).map_err(|error| error.to_string())?;
            }
            name => {
                let found = WORKLOADS.iter().find(|workload| workload.0 == name);
                workload = Some(found.ok_or_else(|| format!("there is no workload `{name}`"))?.1);
            }
        }
    }
    workload.ok_or("a workload is missing")?(options);
    Ok(())
}

fn number<N: std::str::FromStr>(option: &str, value: Option<String>) -> Result<N, String> {
    let value = value.ok_or_else(|| format!("{option} needs a number"))?;
    value.parse().map_err(|_| format!("{option} needs a number, and `{value}` is none"))
}

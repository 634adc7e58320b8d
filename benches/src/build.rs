//! What a program costs that loads `mlp-mnist` and predicts: time to build it from nothing, and its size.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::Options;

/// Builds the example `predict` in a folder of its own, stripped, and prints its size and the time.
pub(crate) fn run(options: Options<'_>) {
    if let Err(message) = build(options) {
        eprintln!("{message}");
    }
}

fn build(options: Options<'_>) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the benchmarks have no workspace")?;
    let target = root.join("target/predict");
    if target.exists() {
        std::fs::remove_dir_all(&target).map_err(|error| format!("{}: {error}", target.display()))?;
    }
    let (start, processor) = (Instant::now(), processor_seconds());
    let status = Command::new("cargo")
        .args(["build", "--quiet", "--release", "--package", "nanotorch-benches", "--example", "predict"])
        .current_dir(root)
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
        .status()
        .map_err(|error| format!("cargo can't be started: {error}"))?;
    if !status.success() {
        return Err("the example `predict` doesn't build".into());
    }
    let print = |metric: &str, value: f64| {
        println!("build,nanotorch,{},{metric},{value:.2}", options.threads);
    };
    print("clean_build_s", start.elapsed().as_secs_f64());
    if let (Some(before), Some(after)) = (processor, processor_seconds()) {
        print("clean_build_cpu_s", after - before);
    }
    let program = target.join("release/examples/predict").with_extension(std::env::consts::EXE_EXTENSION);
    let size = program.metadata().map_err(|error| format!("{}: {error}", program.display()))?.len();
    print("stripped_MB", size as f64 / 1e6);
    Ok(())
}

/// Seconds of processor time of the processes that this one has started, where the system tells.
fn processor_seconds() -> Option<f64> {
    // The fields after the name in parentheses; times are in hundredths of a second.
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field)?.parse::<f64>().ok();
    Some((ticks(13)? + ticks(14)?) / 100.0)
}

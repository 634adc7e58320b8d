//! What programs cost: one that loads `mlp-mnist` and predicts, built from nothing, and how much larger a program of many equal
//! layers is than one of few.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::Options;

/// Builds programs in a folder of their own, stripped, and prints their sizes and the time.
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
    let print = |case: &str, metric: &str, value: f64| {
        println!("{case},nanotorch,{},{metric},{value:.3}", options.threads);
    };
    let print_cost = |case: &str, built: &str, cost: &Cost| {
        print(case, &format!("{built}_s"), cost.seconds);
        if let Some(seconds) = cost.processor_seconds {
            print(case, &format!("{built}_cpu_s"), seconds);
        }
        print(case, "stripped_MB", cost.bytes as f64 / 1e6);
    };
    print_cost("build", "clean_build", &program(root, &target, "predict")?);
    // The library is there now.
    let few = program(root, &target, "layers-2")?;
    print_cost("build-layers-2", "build", &few);
    let many = program(root, &target, "layers-50")?;
    print_cost("build-layers-50", "build", &many);
    print("build-layers-50", "size_over_2_layers", many.bytes as f64 / few.bytes as f64);
    Ok(())
}

/// What one program costs.
struct Cost {
    seconds: f64,
    processor_seconds: Option<f64>,
    bytes: u64,
}

fn program(root: &Path, target: &Path, name: &str) -> Result<Cost, String> {
    let (start, processor) = (Instant::now(), processor_seconds());
    let status = Command::new("cargo")
        .args(["build", "--quiet", "--release", "--package", "nanotorch-programs", "--bin", name])
        .current_dir(root)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
        .status()
        .map_err(|error| format!("cargo can't be started: {error}"))?;
    if !status.success() {
        return Err(format!("the program `{name}` doesn't build"));
    }
    let seconds = start.elapsed().as_secs_f64();
    let processor_seconds = processor.zip(processor_seconds()).map(|(before, after)| after - before);
    let program = target.join("release").join(name).with_extension(std::env::consts::EXE_EXTENSION);
    let bytes = program.metadata().map_err(|error| format!("{}: {error}", program.display()))?.len();
    Ok(Cost { seconds, processor_seconds, bytes })
}

/// Seconds of processor time of the processes that this one has started, where the system tells.
fn processor_seconds() -> Option<f64> {
    // The fields after the name in parentheses; times are in hundredths of a second.
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field)?.parse::<f64>().ok();
    Some((ticks(13)? + ticks(14)?) / 100.0)
}

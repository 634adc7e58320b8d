//! Benchmarks: `cargo run --release -p nanotorch-benches -- NAME [--secs S] [--isa ISA]` prints
//! `workload,nanotorch,threads,metric,value`.

mod elementwise;
mod gemm;
mod measure;
mod optimizer;

use nanotorch::simd::{Isa, select_isa};

/// What follows `option` among the arguments.
fn value_of<'a>(arguments: &'a [String], option: &str) -> Option<&'a str> {
    let place = arguments.iter().position(|argument| argument == option)?;
    arguments.get(place + 1).map(String::as_str)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seconds = value_of(&arguments, "--secs").and_then(|seconds| seconds.parse().ok()).unwrap_or(10.0);
    if let Some(name) = value_of(&arguments, "--isa") {
        let selected = Isa::from_name(name).map(select_isa);
        if selected != Some(Ok(())) {
            eprintln!(
                "`--isa {name}`: not one of this machine's instruction sets (avx512, avx2, neon, scalar)"
            );
            std::process::exit(2);
        }
    }
    match arguments.first().map(String::as_str) {
        Some("elementwise") => elementwise::run(seconds),
        Some("gemm") => gemm::run(seconds),
        Some("optimizer") => optimizer::run(seconds),
        _ => {
            eprintln!("name one of: elementwise, gemm, optimizer");
            std::process::exit(2);
        }
    }
}

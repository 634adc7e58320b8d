//! Benchmarks: `cargo run --release -p nanotorch-benches -- NAME [--secs S]` prints `workload,nanotorch,threads,metric,value`.

mod elementwise;
mod measure;
mod optimizer;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seconds = arguments
        .iter()
        .position(|argument| argument == "--secs")
        .and_then(|place| arguments.get(place + 1))
        .and_then(|seconds| seconds.parse().ok())
        .unwrap_or(10.0);
    match arguments.first().map(String::as_str) {
        Some("elementwise") => elementwise::run(seconds),
        Some("optimizer") => optimizer::run(seconds),
        _ => {
            eprintln!("name one of: elementwise, optimizer");
            std::process::exit(2);
        }
    }
}

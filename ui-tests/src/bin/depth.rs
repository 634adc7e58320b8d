//! What depth costs the compiler: models of growing depth are written, checked and built, and the times printed as a table.
//!
//! `cargo run --release -p nanotorch-ui-tests --bin depth` makes a package in `target/depth`, with nanotorch as its one
//! dependency. That is compiled before the clock starts; each time is the less of two runs.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, io};

/// How often each thing is timed.
const RUNS: usize = 2;

/// A family of models, by depth.
struct Family {
    name: &'static str,
    depths: &'static [usize],
    write: fn(usize) -> String,
}

const FAMILIES: [Family; 3] = [
    Family { name: "fields in sequence", depths: &[5, 25, 50, 100, 200], write: sequential },
    Family { name: "residual blocks in one `forward`", depths: &[3, 6, 12, 24, 48], write: residual },
    Family { name: "residual network for images, layers", depths: &[20, 38, 74], write: images },
];

/// Networks that were published, as they are: the programs in `pass`.
const NETWORKS: [(&str, &str); 3] = [
    ("VGG-16", include_str!("../../pass/vgg16.rs")),
    ("ResNet-18", include_str!("../../pass/resnet18.rs")),
    ("ResNet-20", include_str!("../../pass/resnet20.rs")),
];

fn main() -> io::Result<()> {
    let package = package()?;
    println!("{}\n", processor());
    println!("| model | depth | `cargo check` | `cargo build` | `cargo build --release` |");
    println!("| --- | --- | --- | --- | --- |");
    for Family { name, depths, write } in FAMILIES {
        for &depth in depths {
            fs::write(package.join("src/main.rs"), write(depth))?;
            let check = least(&package, &["check"])?;
            let build = least(&package, &["build"])?;
            let release = least(&package, &["build", "--release"])?;
            println!("| {name} | {depth} | {check} | {build} | {release} |");
        }
    }
    // Their programs look at constants alone, so that a build adds nothing to tell.
    for (name, program) in NETWORKS {
        fs::write(package.join("src/main.rs"), program)?;
        println!("| {name} | | {} | | |", least(&package, &["check"])?);
    }
    Ok(())
}

/// The package, with its dependency compiled.
fn package() -> io::Result<PathBuf> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = manifest.parent().unwrap_or(manifest);
    let package = workspace.join("target/depth");
    fs::create_dir_all(package.join("src"))?;
    let dependency = workspace.join("nanotorch");
    fs::write(
        package.join("Cargo.toml"),
        format!(
            "[package]\nname = \"depth\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\nnanotorch = {{ path = {dependency:?} }}\n"
        ),
    )?;
    fs::write(package.join("src/main.rs"), sequential(1))?;
    for arguments in [&["check"][..], &["build"], &["build", "--release"]] {
        run(&package, arguments)?;
    }
    Ok(package)
}

/// The least time of a command of cargo: on the clock, and on the processor where that can be told.
fn least(package: &Path, arguments: &[&str]) -> io::Result<String> {
    let main = package.join("src/main.rs");
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let source = fs::read_to_string(&main)?;
        fs::write(&main, source + "\n")?;
        let (before, start) = (processor_time(), Instant::now());
        run(package, arguments)?;
        let after = processor_time();
        times.push((start.elapsed(), before.zip(after).map(|(before, after)| after - before)));
    }
    let clock = times.iter().map(|time| time.0).min().unwrap_or_default();
    let processor = times.iter().filter_map(|time| time.1).min();
    let processor = processor.map_or_else(String::new, |time| format!(" ({:.2} s)", time.as_secs_f64()));
    Ok(format!("{:.2} s{processor}", clock.as_secs_f64()))
}

fn run(package: &Path, arguments: &[&str]) -> io::Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let done = Command::new(cargo)
        .current_dir(package)
        .args(arguments)
        .env("CARGO_TARGET_DIR", package.join("target"))
        .env("CARGO_INCREMENTAL", "0")
        .output()?;
    if done.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("cargo {arguments:?}: {}", String::from_utf8_lossy(&done.stderr))))
}

/// The processor time of all commands so far, where Linux tells it: in hundredths of a second.
fn processor_time() -> Option<Duration> {
    let status = fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<_> = status.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(13..15)?.iter().filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Some(Duration::from_millis(ticks * 10))
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    model.map_or_else(|| "an unknown processor".into(), |(_, name)| name.into())
}

/// Dense layers and activations in turn.
fn sequential(fields: usize) -> String {
    let mut text = String::from("use nanotorch::prelude::*;\n\n#[model(input = [32])]\npub struct Net {\n");
    for field in 0..fields {
        let layer = if field % 2 == 0 { "Linear<32, 32>" } else { "Relu" };
        let _ = writeln!(text, "    field{field}: {layer},");
    }
    text + "}\n" + MAIN
}

/// `x + down(gelu(up(tanh(x))))`, again and again.
fn residual(blocks: usize) -> String {
    let mut text =
        String::from("use nanotorch::prelude::*;\n\n#[model(input = [32], forward)]\npub struct Net {\n");
    for block in 0..blocks {
        let _ = writeln!(text, "    up{block}: Linear<32, 64>,\n    down{block}: Linear<64, 32>,");
    }
    text.push_str("}\n\n#[forward]\nimpl Net {\n    fn forward(&self, x: Edge) -> Edge {\n");
    for block in 0..blocks {
        let _ = writeln!(text, "        let hidden = self.up{block}.forward(x.tanh()).gelu();");
        let _ = writeln!(text, "        let x = x + self.down{block}.forward(hidden);");
    }
    text + "        x\n    }\n}\n" + MAIN
}

/// The residual network for images of 32 x 32 pixels, of `layers` layers: 6 to each block of a stage, and 2.
fn images(layers: usize) -> String {
    let (first, network) = ("#[model(forward)]", "#[model(input");
    let blocks = RESNET.split_once(first).and_then(|(_, rest)| rest.split_once(network));
    let (blocks, _) = blocks.expect("the example has its blocks before its network");
    let mut text = format!(
        "use nanotorch::prelude::*;\n\n{first}{blocks}{network} = [3, 32, 32])]\npub struct Net {{\n"
    );
    text.push_str("    conv: Conv2d<3, 16, 3, (Same, NoBias)>,\n    norm: BatchNorm<16>,\n    relu: Relu,\n");
    for (stage, channels) in [16, 32, 64].into_iter().enumerate() {
        for block in 0..layers / 6 {
            let kind = match (stage, block) {
                (1 | 2, 0) => format!("Down<{}, {channels}>", channels / 2),
                _ => format!("Block<{channels}>"),
            };
            let _ = writeln!(text, "    block{stage}_{block}: {kind},");
        }
    }
    text.push_str("    mean: GlobalAvgPool,\n    head: Linear<64, 10>,\n}\n");
    text + IMAGES_MAIN
}

/// The example whose blocks the network is made of.
const RESNET: &str = include_str!("../../../examples/examples/24-resnet.rs");

/// As `MAIN`, on images, a batch of up to 32.
const IMAGES_MAIN: &str = "
fn main() {
    use nanotorch::{loss::CrossEntropy, optimizer::AdamW, run::{Inference, Training}};
    let mut net = Net::new(1);
    let mut training = Training::<Net, UpTo<32>>::new(7);
    let mut optimizer = AdamW::new(0.001).build::<Net>();
    let (inputs, targets) = (vec![0.5; 32 * 3 * 32 * 32], [3; 32]);
    let loss = CrossEntropy::default();
    println!(\"{:?}\", training.step(&mut net, &mut optimizer, &loss, &inputs, &targets));
    let mut inference = Inference::<Net, Const<1>>::new();
    println!(\"{:?}\", inference.run(&net, &inputs[..3 * 32 * 32]));
}
";

/// One training step and one inference, so that all of the model is compiled.
const MAIN: &str = "
fn main() {
    use nanotorch::{loss::Mse, optimizer::Sgd, run::{Inference, Training}};
    let mut net = Net::new(1);
    let mut training = Training::<Net, Const<4>>::new(7);
    let mut optimizer = Sgd::new(0.1).build::<Net>();
    let (inputs, targets) = ([0.5; 4 * 32], [0.5; 4 * 32]);
    println!(\"{:?}\", training.step(&mut net, &mut optimizer, &Mse::default(), &inputs, &targets));
    let mut inference = Inference::<Net, Const<4>>::new();
    println!(\"{:?}\", inference.run(&net, &inputs));
}
";

//! One mistake is one error, in the words that stand beside it; and correct programs compile.

use std::fs;
use std::path::{Path, PathBuf};

/// What stands above the list of mistakes.
const INTRODUCTION: &str = "\
Each is a program in `fail`; a test keeps this list in step with them. `cargo check` tells them all.

What a generic function's constants are worth the compiler works out where it builds that function. So two mistakes are told by
`cargo build` where only the body of a function shows them:

- The arguments of a generic model don't fit, as in `Training::<Net<9>, ..>::new(1)`. A line beside the model has it told by
  `cargo check`, too: `const _: () = Net::<9>::CHECKED;`. Where the parameters have defaults, those are checked without it.
- A loss of classes is given several outputs, a scalar, or another number of classes than it has weights.
";

/// Each program in `fail/` is rejected with the text beside it, in `cargo check` already.
#[test]
fn mistakes_are_told() {
    trybuild::TestCases::new().compile_fail("fail/*/*.rs");
}

/// Each program in `pass/` compiles and runs.
#[test]
fn correct_programs_run() {
    trybuild::TestCases::new().pass("pass/*.rs");
}

/// Each program in `fail/` has as many errors as it says.
#[test]
fn one_mistake_is_one_error() {
    for program in programs() {
        let source = fs::read_to_string(&program).unwrap();
        let expected: usize = source
            .lines()
            .find_map(|line| line.strip_prefix("// errors: "))
            .and_then(|number| number.parse().ok())
            .unwrap_or_else(|| panic!("{} doesn't say `// errors: 1`", program.display()));
        let text = text_beside(&program);
        let errors = text.lines().filter(|line| line.starts_with("error")).count();
        assert_eq!(errors, expected, "errors of {}:\n{text}", program.display());
    }
}

/// The first place that an error names is in the user's own program, not in this library or nowhere.
#[test]
fn errors_are_under_the_users_tokens() {
    for program in programs() {
        let text = text_beside(&program);
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if line.starts_with("error") {
                // A sentence may have several lines, as that of `explain` has.
                let place =
                    lines.find(|line| line.trim_start().starts_with("--> ")).unwrap_or("").trim_start();
                let own = format!("--> {}:", Path::new("fail").join(relative(&program)).display());
                assert!(place.starts_with(&own), "{line}\n{place}\nisn't at {own}");
            }
        }
    }
}

/// `MISTAKES.md` lists each mistake with the sentence that answers it. `TRYBUILD=overwrite` writes it anew.
#[test]
fn all_mistakes_are_listed() {
    let mut list = format!("# Mistakes, and what the compiler says of them\n\n{INTRODUCTION}");
    let mut group = None;
    for program in programs() {
        let name = relative(&program).with_extension("").display().to_string();
        let (directory, name) = name.split_once('/').unwrap_or(("", &name));
        if group.as_deref() != Some(directory) {
            list += &format!(
                "\n## {directory}\n\n| program | mistake | the first error |\n| --- | --- | --- |\n"
            );
            group = Some(directory.to_owned());
        }
        let about = about(&fs::read_to_string(&program).unwrap());
        assert!(!about.is_empty(), "{} doesn't say what its mistake is", program.display());
        let text = text_beside(&program);
        let error = text.lines().find(|line| line.starts_with("error")).unwrap_or("");
        let sentence = error.split_once(": ").map_or(error, |(_, sentence)| sentence);
        let sentence = sentence.trim_start_matches("evaluation panicked: ").replace('|', "\\|");
        list += &format!("| `{name}` | {} | {sentence} |\n", about.replace('|', "\\|"));
    }
    let place = root().with_file_name("MISTAKES.md");
    if std::env::var("TRYBUILD").is_ok_and(|wish| wish == "overwrite") {
        fs::write(&place, &list).unwrap();
    }
    assert_eq!(
        fs::read_to_string(&place).unwrap_or_default(),
        list,
        "MISTAKES.md is out of step with `fail`"
    );
}

/// A forward function that is formatted stays as it is: it is Rust to rustfmt, too.
#[test]
fn programs_are_formatted() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = std::process::Command::new("rustfmt");
    command.args(["--check", "--edition", "2024", "--config-path"]).arg(manifest.parent().unwrap());
    let passing = fs::read_dir(manifest.join("pass")).unwrap().map(|entry| entry.unwrap().path());
    command.args(passing);
    match command.output() {
        Ok(done) => assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout)),
        Err(error) => eprintln!("there is no rustfmt here: {error}"),
    }
}

/// What a program says of its mistake: the lines of comment at its beginning.
fn about(source: &str) -> String {
    let comments = source.lines().take_while(|line| line.starts_with("//"));
    let said = comments.map(|line| line.trim_start_matches("//").trim_start_matches('!').trim());
    said.filter(|line| !line.starts_with("errors: ")).collect::<Vec<_>>().join(" ")
}

/// The texts hold no place of the machine that they were written on.
#[test]
fn texts_are_the_same_everywhere() {
    for program in programs() {
        for line in text_beside(&program).lines() {
            if let Some((_, place)) = line.split_once("--> ") {
                assert!(place.starts_with("fail") || place.starts_with('$'), "{}: {line}", program.display());
            }
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fail")
}

fn relative(program: &Path) -> &Path {
    program.strip_prefix(root()).unwrap()
}

fn programs() -> Vec<PathBuf> {
    let mut programs = Vec::new();
    for directory in fs::read_dir(root()).unwrap() {
        for entry in fs::read_dir(directory.unwrap().path()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                programs.push(path);
            }
        }
    }
    programs.sort();
    assert!(programs.len() >= 30, "only {} programs were found", programs.len());
    programs
}

fn text_beside(program: &Path) -> String {
    let path = program.with_extension("stderr");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

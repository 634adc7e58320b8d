//! What the README says is so. (Its programs are compiled as documentation of this package.)

use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => panic!("{}: {error}", path.display()),
    }
}

/// The text without numbers of lines and columns, and without the name of the file.
fn without_places(text: &str) -> Vec<String> {
    let line = |line: &str| match line.split_once("-->") {
        Some(_) => "-->".to_owned(),
        None => {
            line.trim_start_matches(|sign: char| sign == ' ' || sign.is_ascii_digit()).trim_end().to_owned()
        }
    };
    text.lines().map(line).filter(|line| !line.is_empty()).collect()
}

/// The first block of the README between ```` ```KIND ```` and ```` ``` ````.
fn block(readme: &str, kind: &str) -> String {
    let Some((_, rest)) = readme.split_once(&format!("```{kind}\n")) else { panic!("no block of {kind}") };
    rest.split("```").next().unwrap_or_default().to_owned()
}

#[test]
fn the_compile_error_is_the_compilers_own() {
    let readme = read("README.md");
    let said = without_places(&block(&readme, "text"));
    assert_eq!(said, without_places(&read("ui-tests/fail/shape/readme.stderr")));
}

#[test]
fn the_rejected_model_is_the_first_one_with_one_change() {
    let model = block(&read("README.md"), "rust,no_run");
    let (Some(start), Some(end)) = (model.find("#[model"), model.find("fn main")) else {
        panic!("the README's first program has no model")
    };
    let changed = model[start..end].replace("fc2: Linear<256, 10>", "fc2: Linear<128, 10>");
    assert_ne!(changed, model[start..end]);
    assert!(read("ui-tests/fail/shape/readme.rs").contains(changed.trim_end()));
}

#[test]
fn examples_named_in_the_readme_exist() {
    let (readme, manifest) = (read("README.md"), read("examples/Cargo.toml"));
    let mut names = readme.split("--example ").skip(1).filter_map(|rest| rest.split_whitespace().next());
    assert!(names.all(|name| manifest.contains(&format!("name = \"{name}\""))));
}

/// Every example is named in the README, in the order of their numbers, which is that in which to read them.
#[test]
fn the_readme_names_each_example_in_order() {
    let (readme, manifest) = (read("README.md"), read("examples/Cargo.toml"));
    let (mut place, mut last) = (0, 0);
    for path in manifest.split("path = \"examples/").skip(1).filter_map(|rest| rest.split('"').next()) {
        let Some((number, name)) = path.split_once('-') else { panic!("{path} has no number") };
        let Ok(number) = number.parse::<usize>() else { panic!("{path} has no number") };
        assert!(number > last, "{path} comes after number {last}");
        let row = format!("| [`{}`](examples/examples/{path}) |", name.trim_end_matches(".rs"));
        let Some(found) = readme[place..].find(&row) else { panic!("{row} isn't where it should be") };
        (place, last) = (place + found, number);
    }
    assert!(place > 0);
}

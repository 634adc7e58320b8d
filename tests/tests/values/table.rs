//! The table of operations in the documentation of tensors: each operation is in it, and each test that it names is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use nanotorch_tests::golden::Golden;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of documented functions of a source file, and of the entries of its tables.
fn operations(source: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut documented = false;
    for line in source.lines() {
        // What isn't public stands at the margin, or has no documentation.
        let private = line.starts_with("fn ");
        let line = line.trim_start();
        if line.starts_with("///") {
            documented = true;
        } else if !line.starts_with("#[") {
            let function = line.strip_prefix("pub ").unwrap_or(line).strip_prefix("fn ");
            let name = match function {
                Some(rest) => rest.split(['(', '<']).next(),
                // `sin: elementary::Sin;`, `less <;`, `and |a, b| a & b;`
                None if line.ends_with(';') && !line.starts_with("struct ") => {
                    line.split_once([':', ' ']).map(|(name, _)| name).filter(|_| !line.contains('='))
                }
                None => None,
            };
            let is_name = |name: &&str| {
                name.chars().all(|sign| sign.is_ascii_lowercase() || sign == '_' || sign.is_ascii_digit())
            };
            names.extend(name.filter(|_| documented && !private).filter(is_name).map(String::from));
            documented = false;
        }
    }
    names
}

#[test]
fn every_operation_is_in_the_table() {
    let table = read("nanotorch/src/tensor/operations.md");
    let folder = "nanotorch/src/tensor";
    let files = [
        "operation/function",
        "operation/product",
        "operation/rearrange",
        "operation/reduce",
        "operation/resample",
        "operation/pick",
        "initialize",
        "create",
        "operation/window",
        "operation/normalize",
    ];
    for file in files {
        for name in operations(&read(&format!("{folder}/{file}.rs"))) {
            assert!(table.contains(&format!("`{name}`")), "`{name}` of {file}.rs isn't in operations.md");
        }
    }
    for name in
        ["equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "and", "or", "xor", "not"]
    {
        assert!(table.contains(&format!("`{name}`")), "`{name}` isn't in operations.md");
    }
    assert!(
        operations(&read(&format!("{folder}/operation/function.rs"))).len() > 35,
        "the functions weren't found"
    );
}

#[test]
fn every_test_in_the_table_is_there() {
    let table = read("nanotorch/src/tensor/operations.md");
    let mut rows = 0;
    for row in table.lines().skip(2) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let Some(test) = cells.iter().rev().find(|cell| !cell.is_empty()) else { continue };
        let Some((module, name)) = test.split_once("::") else { panic!("no test in {row}") };
        let source = match module {
            "values" => read("tests/tests/values/main.rs") + &read("tests/tests/values/naive.rs"),
            module => read(&format!("tests/tests/tape/{module}.rs")),
        };
        let there = source.contains(&format!("fn {name}(")) || source.contains(&format!("\n    {name}: "));
        assert!(there, "{test} isn't there, but {row}");
        rows += 1;
    }
    assert!(rows > 100, "the table has {rows} rows");
}

/// What there is no golden case of: random numbers, and what a closure of the caller's gives.
const ALONE: [&str; 9] = [
    "map",
    "uniform",
    "normal",
    "bernoulli",
    "kaiming_uniform",
    "kaiming_normal",
    "xavier_uniform",
    "xavier_normal",
    "orthogonal",
];

#[test]
fn every_operation_is_compared_with_pytorch() {
    let (tensors, layers, losses) = (Golden::open("tensors"), Golden::open("layers"), Golden::open("losses"));
    let sources = ["tape/golden.rs", "tape/main.rs", "values/golden.rs", "losses.rs", "layers.rs"];
    let sources: Vec<String> = sources.iter().map(|file| read(&format!("tests/tests/{file}"))).collect();
    let mut used = BTreeSet::new();
    for row in read("nanotorch/src/tensor/operations.md").lines().skip(2) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, names, .., cases, _, _] = cells[..] else { panic!("{row}") };
        if cases.is_empty() {
            let alone = ALONE.iter().any(|name| names == format!("`{name}`"));
            assert!(alone, "{names} isn't compared with PyTorch");
        }
        for case in cases.split(", ").filter(|case| !case.is_empty()) {
            let name = case.trim_matches('`');
            let there = |golden: &Golden| {
                golden.names().iter().any(|other| other.starts_with(&format!("{name}.")) || other == name)
            };
            assert!(
                [&tensors, &layers, &losses].into_iter().any(there),
                "{names}: there is no golden case {case}"
            );
            let last = name.rsplit('.').next().unwrap_or(name);
            let word = |source: &String| {
                source.split(|sign: char| !sign.is_alphanumeric() && sign != '_').any(|word| word == last)
            };
            assert!(sources.iter().any(word), "{names}: no test reads the golden case {case}");
            used.insert(name.to_owned());
        }
    }
    // And every case of an operation belongs to a row.
    let stray: Vec<String> = tensors
        .cases()
        .into_iter()
        .filter(|case| {
            let whole = ["whole", "special", "pairs"].contains(&case.as_str());
            !whole && !case.starts_with("edge_") && !used.contains(case)
        })
        .collect();
    assert!(stray.is_empty(), "cases that no row names: {stray:?}");
}

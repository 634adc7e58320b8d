//! Forward functions at random, as Rust source: what `tests/tests/random_forward` holds, and is compared with differences there.
//!
//! `cargo run -p nanotorch-tests --bin random_forward` writes the files anew. A seed decides everything, so the same source comes
//! out on every machine; a test compares it with what is committed.
//!
//! - `graph`: a forward function as nodes, and the bounds within which their numbers stay.
//! - `grow`: node after node, drawn at random.
//! - `operations`, `arrange`, `nest`: what is drawn: arithmetic; other orders and shapes; models as fields.
//! - `source`: from nodes to Rust, as rustfmt would write it.

mod arrange;
mod draw;
mod graph;
mod grow;
mod nest;
mod operations;
mod source;

use draw::Draw;
use graph::Model;
use grow::Plan;

/// How many models a file holds.
const IN_A_FILE: usize = 8;

/// How many files there are.
const FILES: usize = 8;

/// The files' names and texts.
pub fn files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    let (mut plans, mut tests) = (String::new(), String::new());
    let mut draw = Draw::new(1);
    for file in 0..FILES {
        let mut models: Vec<Model> = Vec::new();
        for place in 0..IN_A_FILE {
            let number = file * IN_A_FILE + place + 1;
            let plan = Plan::of(number, &mut draw);
            let model = grow::grow(number, &plan, &models, &mut draw);
            models.push(model);
        }
        let name = format!("models_{}", file + 1);
        plans.push_str(&source::plans(file + 1, &models));
        tests.push_str(&source::tests(file + 1, &models));
        files.push((format!("{name}.rs"), source::file(&models)));
    }
    files.push(("register.rs".into(), source::register(FILES, &plans, &tests)));
    files
}

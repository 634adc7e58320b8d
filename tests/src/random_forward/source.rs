//! From nodes to Rust, in the form that rustfmt gives it.

use super::graph::{Kind, Model, Node};

/// How an expression stands beside others.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// A name, a field, a call: `.method()` can follow.
    Call,
    /// It begins with a minus.
    Negative,
    /// Something with an operator in the middle.
    Sum,
}

/// A node as text, with the nodes that are mentioned in it by name.
#[derive(Clone)]
struct Expression {
    text: String,
    form: Form,
    mentions: Vec<usize>,
}

impl Expression {
    fn receiver(&self) -> String {
        if self.form == Form::Call { self.text.clone() } else { format!("({})", self.text) }
    }

    fn operand(&self) -> String {
        if self.form == Form::Sum { format!("({})", self.text) } else { self.text.clone() }
    }
}

/// The longest text that is put into another one, by how many texts that has.
fn longest(operands: usize) -> usize {
    match operands {
        0 => 90,
        1 | 2 => 38,
        _ => 20,
    }
}

const NAMES: [&str; 4] = ["x", "y", "z", "w"];

/// A forward function while it is written.
struct Writer<'a> {
    model: &'a Model,
    /// Whether what is detached is an input instead.
    held: bool,
    uses: Vec<usize>,
    /// How many mentions of a node's name are still to come.
    left: Vec<usize>,
    /// What each node is called in later expressions.
    known: Vec<Option<Expression>>,
    lines: Vec<String>,
    names: usize,
}

impl Writer<'_> {
    fn name(&mut self, node: usize, name: &str) {
        self.known[node] = Some(Expression { text: name.into(), form: Form::Call, mentions: vec![node] });
    }

    /// What stands for a node where it is used.
    fn use_of(&self, node: usize) -> Expression {
        match &self.known[node] {
            Some(expression) => expression.clone(),
            None => Expression { text: format!("missing{node}"), form: Form::Call, mentions: Vec::new() },
        }
    }

    /// A name for a result: that of an edge which is used for the last time in it, or a new one.
    fn new_name(&mut self, value: &Expression) -> String {
        let mut free = None;
        for &node in &value.mentions {
            self.left[node] -= 1;
            if self.left[node] == 0 && node.is_multiple_of(2) {
                free = self.known[node].as_ref().map(|known| known.text.clone());
            }
        }
        free.unwrap_or_else(|| {
            self.names += 1;
            format!("h{}", self.names)
        })
    }

    /// Puts a result into a line of its own.
    fn bind(&mut self, node: usize, value: &Expression) {
        let name = self.new_name(value);
        self.lines.push(format!("let {name} = {};", value.text));
        self.name(node, &name);
    }

    fn expression(&self, node: &Node) -> Expression {
        let operands: Vec<Expression> = node.inputs.iter().map(|&input| self.use_of(input)).collect();
        let mentions = operands.iter().flat_map(|operand| operand.mentions.clone()).collect();
        let list = |operands: &[Expression]| {
            operands.iter().map(|operand| operand.text.clone()).collect::<Vec<_>>().join(", ")
        };
        let (text, form) = match (&node.kind, &operands[..]) {
            (Kind::Parameter(field), _) => (format!("self.{field}"), Form::Call),
            (Kind::Method(method), [x]) => (format!("{}{method}", x.receiver()), Form::Call),
            (Kind::Detach, [x]) => (format!("{}.detach()", x.receiver()), Form::Call),
            (Kind::Behind(text), [x]) => (format!("{}{text}", x.operand()), Form::Sum),
            (Kind::Before(text), [x]) => (format!("{text}{}", x.operand()), Form::Sum),
            (Kind::Negative, [x]) => (format!("-{}", x.receiver()), Form::Negative),
            (Kind::Binary(operator), [a, b]) => {
                (format!("{} {operator} {}", a.operand(), b.operand()), Form::Sum)
            }
            (Kind::With(name), [a, b]) => (format!("{}.{name}({})", a.receiver(), b.text), Form::Call),
            (Kind::Together(name, axis), [a, b]) => {
                (format!("{}.{name}({}, {axis})", a.receiver(), b.text), Form::Call)
            }
            (Kind::Together(name, axis), [a, others @ ..]) => {
                (format!("{}.{name}(({}), {axis})", a.receiver(), list(others)), Form::Call)
            }
            (Kind::Split(parts, axis), [x]) => {
                (format!("{}.split({parts}, {axis})", x.receiver()), Form::Call)
            }
            (Kind::Call(field) | Kind::Several(field), edges) => {
                (format!("self.{field}.forward({})", list(edges)), Form::Call)
            }
            _ => (String::new(), Form::Call),
        };
        Expression { text, form, mentions }
    }

    /// How many operands the only reader of a node has; none if several read it, or one that wants a name.
    fn reader(&self, node: usize) -> Option<usize> {
        if self.uses[node] != 1 {
            return None;
        }
        let reader = self.model.nodes.iter().find(|reader| reader.inputs.contains(&node));
        match reader {
            // The result, on a line of its own.
            None if self.model.outputs.len() == 1 => Some(0),
            None => Some(self.model.outputs.len()),
            Some(Node { kind: Kind::Loop(_), .. }) => None,
            Some(Node { kind: Kind::Detach, .. }) if self.held => None,
            Some(reader) => Some(reader.inputs.len()),
        }
    }

    fn node(&mut self, index: usize) {
        let node = &self.model.nodes[index];
        match &node.kind {
            Kind::Input | Kind::Part => {}
            Kind::Detach if self.held => {}
            Kind::Loop(field) => {
                let start = self.use_of(node.inputs[0]);
                let name = self.new_name(&start);
                self.lines.push(format!("let mut {name} = {};", start.text));
                self.lines.push(format!("for block in &self.{field} {{"));
                self.lines.push(format!("    {name} = block.forward({name});"));
                self.lines.push("}".into());
                self.name(index, &name);
            }
            Kind::Split(..) | Kind::Several(_) => {
                let value = self.expression(node);
                let parts: Vec<usize> = (index + 1..self.model.nodes.len())
                    .take_while(|&part| {
                        matches!(self.model.nodes[part].kind, Kind::Part)
                            && self.model.nodes[part].inputs == [index]
                    })
                    .collect();
                for &mention in &value.mentions {
                    self.left[mention] -= 1;
                }
                let mut names = Vec::new();
                for part in parts {
                    self.names += 1;
                    let name = format!("h{}", self.names);
                    self.name(part, &name);
                    names.push(name);
                }
                self.lines.push(format!("let ({}) = {};", names.join(", "), value.text));
            }
            _ => {
                let value = self.expression(node);
                match self.reader(index) {
                    Some(operands) if value.text.len() <= longest(operands) => {
                        self.known[index] = Some(value)
                    }
                    _ => self.bind(index, &value),
                }
            }
        }
    }
}

fn struct_and_impl(model: &Model, held: bool) -> String {
    let name = if held { format!("{}Held", model.name()) } else { model.name() };
    let mut inputs = model.inputs();
    let operations =
        model.nodes.iter().filter(|node| !matches!(node.kind, Kind::Input | Kind::Parameter(_) | Kind::Part));
    let operations = operations.count();
    let uses = model.uses();
    let mut writer = Writer {
        model,
        held,
        left: uses.clone(),
        uses,
        known: vec![None; model.nodes.len()],
        lines: Vec::new(),
        names: 0,
    };
    if held {
        inputs.extend(model.detached());
    }
    let arguments: Vec<String> = inputs
        .iter()
        .zip(NAMES)
        .map(|(&node, name)| {
            writer.name(node, name);
            format!("{name}: Edge")
        })
        .collect();
    (0..model.nodes.len()).for_each(|node| writer.node(node));
    let results: Vec<String> = model.outputs.iter().map(|&output| writer.use_of(output).text).collect();
    let (result, kind) = match &results[..] {
        [one] => (one.clone(), "Edge".to_owned()),
        several => {
            (format!("({})", several.join(", ")), format!("({})", vec!["Edge"; several.len()].join(", ")))
        }
    };
    let shapes: Vec<String> =
        inputs.iter().map(|&input| format!("{:?}", model.nodes[input].lengths)).collect();
    let input = match &shapes[..] {
        [one] => one.clone(),
        several => format!("({})", several.join(", ")),
    };
    let what = if held { ", with what is detached as an input" } else { "" };
    let mut text = format!("/// {operations} operations{what}.\n#[model(input = {input}, forward)]\n");
    text.push_str(&format!("pub(crate) struct {name} {{\n"));
    for (field, kind) in &model.fields {
        if field.starts_with("frozen") {
            text.push_str("    #[frozen]\n");
        }
        text.push_str(&format!("    {field}: {kind},\n"));
    }
    text.push_str(&format!("}}\n\n#[forward]\nimpl {name} {{\n"));
    text.push_str(&format!("    fn forward(&self, {}) -> {kind} {{\n", arguments.join(", ")));
    for line in writer.lines.iter().chain([&result]) {
        text.push_str(&format!("        {line}\n"));
    }
    text.push_str("    }\n}\n");
    text
}

const HEAD: &str = "// Written by `cargo run -p nanotorch-tests --bin random_forward`.\n";

/// A file of models.
pub(super) fn file(models: &[Model]) -> String {
    let fields = || models.iter().flat_map(|model| &model.fields);
    let used: Vec<&str> = ["Beside", "Chain", "Gate", "Pair", "Scaled"]
        .into_iter()
        .filter(|block| fields().any(|(_, kind)| mentions(kind, block)))
        .collect();
    let mut text = format!("//! Forward functions at random.\n{HEAD}\nuse nanotorch::prelude::*;\n\n");
    match &used[..] {
        [] => {}
        [one] => text.push_str(&format!("use crate::blocks::{one};\n\n")),
        several => text.push_str(&format!("use crate::blocks::{{{}}};\n\n", several.join(", "))),
    }
    let mut all = Vec::new();
    for model in models {
        all.push(struct_and_impl(model, false));
        if !model.detached().is_empty() {
            all.push(struct_and_impl(model, true));
        }
    }
    text + &all.join("\n")
}

/// Whether a type mentions a name.
fn mentions(kind: &str, name: &str) -> bool {
    kind.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == name)
}

/// The tests of one file's models.
pub(super) fn tests(file: usize, models: &[Model]) -> String {
    let mut text = format!("\n#[test]\nfn models_{file}_match_differences() {{\n");
    for model in models {
        let name = format!("models_{file}::{}", model.name());
        if model.detached().is_empty() {
            text.push_str(&format!("    check::<{name}<f64>, {name}<f32>>({:?});\n", model.name()));
        } else {
            text.push_str(&format!(
                "    check_detached::<{name}<f64>, {name}Held<f64>>({:?});\n",
                model.name()
            ));
        }
    }
    text + "}\n"
}

/// Each model of a file with the figures of its plan.
pub(super) fn plans(file: usize, models: &[Model]) -> String {
    let one = |model: &Model| {
        let name = model.name();
        format!("        ({name:?}, models_{file}::{name}::explain().memory),\n")
    };
    models.iter().map(one).collect()
}

/// The file that names all models.
pub(super) fn register(files: usize, plans: &str, tests: &str) -> String {
    let modules: String = (1..=files).map(|file| format!("use crate::models_{file};\n")).collect();
    format!(
        "//! A test for each file of models, and the figures of their plans.\n{HEAD}\n\
         use nanotorch::model::program::Memory;\n\n\
         use crate::check::{{check, check_detached}};\n{modules}\n\
         /// Each model with what training it takes.\n\
         pub(crate) fn plans() -> Vec<(&'static str, Memory)> {{\n    vec![\n{plans}    ]\n}}\n{tests}"
    )
}

//! A forward function as nodes, each with its shape and the bounds of its numbers.

/// The lengths of a sample's axes.
pub(super) type Lengths = Vec<usize>;

/// Between what a node's numbers lie, for inputs and parameters as the test draws them.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Bounds {
    pub(super) const fn new(low: f64, high: f64) -> Self {
        Bounds { low, high }
    }

    /// From `-size` to `size`.
    pub(super) const fn within(size: f64) -> Self {
        Bounds { low: -size, high: size }
    }

    /// The largest absolute value.
    pub(super) fn size(self) -> f64 {
        self.low.abs().max(self.high.abs())
    }

    /// Of a function that rises.
    pub(super) fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Bounds { low: f(self.low), high: f(self.high) }
    }

    /// Of several numbers, any of which it may be.
    pub(super) fn of(numbers: &[f64]) -> Self {
        let (low, high) = (f64::INFINITY, f64::NEG_INFINITY);
        numbers.iter().fold(Bounds { low, high }, |all, &x| Bounds::new(all.low.min(x), all.high.max(x)))
    }
}

/// What a node is.
#[derive(Clone)]
pub(super) enum Kind {
    /// An input.
    Input,
    /// A parameter, by its field.
    Parameter(String),
    /// `x` followed by a text, as `.tanh()`; the node is an operand as a method's call is.
    Method(String),
    /// `x` followed by an operator and a number.
    Behind(String),
    /// A number and an operator, followed by `x`.
    Before(String),
    /// `-x`.
    Negative,
    /// An operator between two nodes.
    Binary(char),
    /// `a.name(b)`.
    With(&'static str),
    /// `a.name((b, c), axis)`.
    Together(&'static str, usize),
    /// `self.field.forward(a, b)`.
    Call(String),
    /// `for block in &self.field { h = block.forward(h); }`.
    Loop(String),
    /// Several edges, of which the nodes that follow are parts: `x.split(count, axis)`.
    Split(usize, usize),
    /// Several edges: a model with several outputs.
    Several(String),
    /// A part of the node before.
    Part,
    /// `x.detach()`; in the twin of the model, an input.
    Detach,
}

/// A node: what it is, of what it is computed, its shape.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) inputs: Vec<usize>,
    pub(super) lengths: Lengths,
    pub(super) bounds: Bounds,
}

/// A model.
pub(super) struct Model {
    pub(super) number: usize,
    /// Name and type of each field.
    pub(super) fields: Vec<(String, String)>,
    pub(super) nodes: Vec<Node>,
    pub(super) outputs: Vec<usize>,
}

impl Model {
    pub(super) fn name(&self) -> String {
        format!("Net{}", self.number)
    }

    /// The inputs' nodes.
    pub(super) fn inputs(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|&node| matches!(self.nodes[node].kind, Kind::Input)).collect()
    }

    /// The nodes that pass on their input without its gradient.
    pub(super) fn detached(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|&node| matches!(self.nodes[node].kind, Kind::Detach)).collect()
    }

    /// How often each node is used.
    pub(super) fn uses(&self) -> Vec<usize> {
        let mut uses = vec![0; self.nodes.len()];
        let read = self.nodes.iter().flat_map(|node| &node.inputs).chain(&self.outputs);
        read.for_each(|&node| uses[node] += 1);
        uses
    }

    pub(super) fn add(&mut self, kind: Kind, inputs: &[usize], lengths: Lengths, bounds: Bounds) -> usize {
        self.nodes.push(Node { kind, inputs: inputs.to_vec(), lengths, bounds });
        self.nodes.len() - 1
    }

    /// A field of this type: one that is there, or a new one.
    pub(super) fn field(&mut self, role: &str, kind: String, reuse: bool) -> String {
        let found =
            self.fields.iter().find(|(name, known)| reuse && *known == kind && name.starts_with(role));
        if let Some((name, _)) = found {
            return name.clone();
        }
        let same = self.fields.iter().filter(|(name, _)| name.trim_end_matches(char::is_numeric) == role);
        let name = format!("{role}{}", same.count() + 1);
        self.fields.push((name.clone(), kind));
        name
    }
}

/// The number of elements.
pub(super) fn count(lengths: &[usize]) -> usize {
    lengths.iter().product()
}

/// The shape of two nodes together, if one can be repeated to fit the other.
pub(super) fn broadcast(a: &[usize], b: &[usize]) -> Option<Lengths> {
    let rank = a.len().max(b.len());
    let at = |lengths: &[usize], axis: usize| {
        (axis + lengths.len()).checked_sub(rank).map_or(1, |axis| lengths[axis])
    };
    (0..rank)
        .map(|axis| match (at(a, axis), at(b, axis)) {
            (a, b) if a == b || b == 1 => Some(a),
            (1, b) => Some(b),
            _ => None,
        })
        .collect()
}

//! A forward function, node after node.

use super::draw::Draw;
use super::graph::{Bounds, Kind, Lengths, Model, broadcast, count};
use super::operations::{ARRANGE, FUNCTION, LINEAR, MATMUL, NESTED, PAIR, REDUCE, SCALAR, SOFTMAX};

/// What kind of function it becomes.
pub(super) struct Plan {
    /// About how many operations it has.
    operations: usize,
    /// How often, in percent, an operation goes on with the newest node.
    recent: usize,
    /// The inputs' shapes.
    inputs: Vec<Lengths>,
    /// How many outputs it has.
    outputs: usize,
    /// The family of operations that it prefers.
    prefers: Option<usize>,
    /// How many nodes are passed on without their gradient.
    detached: usize,
}

impl Plan {
    /// By the number of the model, so that each file has all kinds.
    pub(super) fn of(number: usize, draw: &mut Draw) -> Self {
        let mut shape = || {
            draw.one(&[&[5][..], &[3], &[7], &[6], &[3, 5], &[2, 7], &[4, 6], &[6, 4], &[2, 3, 5]]).to_vec()
        };
        let mut shapes = |count: usize| (0..count).map(|_| shape()).collect::<Vec<_>>();
        let plan =
            Plan { operations: 3, recent: 40, inputs: shapes(1), outputs: 1, prefers: None, detached: 0 };
        match number % 8 {
            // Deep, and so every fourth time deeper.
            0 => Plan { operations: if number.is_multiple_of(32) { 24 } else { 6 }, recent: 90, ..plan },
            // Wide.
            1 => Plan { operations: 5, recent: 5, outputs: 2, ..plan },
            2 => Plan { inputs: shapes(2), outputs: 2, ..plan },
            3 => Plan { prefers: Some(MATMUL), inputs: vec![vec![3, 5]], ..plan },
            4 => Plan {
                detached: 1 + number / 8 % 2,
                operations: 4,
                inputs: shapes(1 + number / 16 % 2),
                ..plan
            },
            5 => Plan { prefers: Some(NESTED), inputs: vec![vec![3, 5]], ..plan },
            6 => Plan { prefers: Some(ARRANGE), inputs: vec![vec![4, 6]], ..plan },
            _ => Plan { inputs: shapes(3 + number / 8 % 2), outputs: 3, ..plan },
        }
    }
}

const FAMILIES: [usize; 14] = [
    FUNCTION, FUNCTION, FUNCTION, SCALAR, PAIR, PAIR, PAIR, LINEAR, MATMUL, REDUCE, SOFTMAX, ARRANGE,
    ARRANGE, NESTED,
];

/// A function that grows.
pub(super) struct Grower<'a> {
    pub(super) model: Model,
    pub(super) draw: &'a mut Draw,
    recent: usize,
    pub(super) earlier: &'a [Model],
}

/// A function of this number and plan; `earlier` ones can be nested in it.
pub(super) fn grow(number: usize, plan: &Plan, earlier: &[Model], draw: &mut Draw) -> Model {
    let model = Model { number, fields: Vec::new(), nodes: Vec::new(), outputs: Vec::new() };
    let mut grower = Grower { model, draw, recent: plan.recent, earlier };
    for lengths in &plan.inputs {
        grower.model.add(Kind::Input, &[], lengths.clone(), Bounds::within(2.0));
    }
    let mut sources = Vec::new();
    for operation in 0..plan.operations {
        let family = match plan.prefers {
            Some(family) if grower.draw.percent(45) => family,
            _ => grower.draw.one(&FAMILIES),
        };
        let node = grower.operation(family);
        if sources.len() < plan.detached && operation > 0 {
            sources.push(node);
            let Model { nodes, .. } = &grower.model;
            let (lengths, bounds) = (nodes[node].lengths.clone(), nodes[node].bounds);
            grower.model.add(Kind::Detach, &[node], lengths, bounds);
        }
    }
    if grower.model.fields.is_empty() {
        // A model has at least one field.
        let (x, scale) = (grower.pick(), grower.parameter(Vec::new()));
        grower.join_two(x, scale);
    }
    grower.finish(plan.outputs);
    grower.model.outputs.extend(sources);
    grower.model
}

impl Grower<'_> {
    pub(super) fn lengths(&self, node: usize) -> Lengths {
        self.model.nodes[node].lengths.clone()
    }

    pub(super) fn bounds(&self, node: usize) -> Bounds {
        self.model.nodes[node].bounds
    }

    pub(super) fn is_edge(&self, node: usize) -> bool {
        !matches!(self.model.nodes[node].kind, Kind::Split(..) | Kind::Several(_) | Kind::Parameter(_))
    }

    /// The edges that nothing reads.
    pub(super) fn unused(&self) -> Vec<usize> {
        let uses = self.model.uses();
        (0..uses.len()).filter(|&node| self.is_edge(node) && uses[node] == 0).collect()
    }

    /// An edge to go on with: one that is unused more often than not.
    pub(super) fn pick(&mut self) -> usize {
        let unused = self.unused();
        if !unused.is_empty() && self.draw.percent(self.recent) {
            return unused[unused.len() - 1];
        }
        if !unused.is_empty() && self.draw.percent(40) {
            return self.draw.one(&unused);
        }
        let edges: Vec<_> = (0..self.model.nodes.len()).filter(|&node| self.is_edge(node)).collect();
        self.draw.one(&edges)
    }

    /// An edge with at least so many axes.
    pub(super) fn pick_of_rank(&mut self, rank: usize) -> Option<usize> {
        for _ in 0..12 {
            let node = self.pick();
            if self.model.nodes[node].lengths.len() >= rank {
                return Some(node);
            }
        }
        None
    }

    /// A node of the same shape as `x`.
    pub(super) fn same(&mut self, kind: Kind, x: usize, bounds: Bounds) -> usize {
        let lengths = self.lengths(x);
        self.model.add(kind, &[x], lengths, bounds)
    }

    pub(super) fn method(&mut self, text: &str, x: usize, bounds: Bounds) -> usize {
        self.same(Kind::Method(text.into()), x, bounds)
    }

    /// `x`, or what makes it no larger than `size`.
    pub(super) fn calm(&mut self, x: usize, size: f64) -> usize {
        let bounds = self.bounds(x);
        if bounds.size() <= size {
            return x;
        }
        match self.draw.below(6) {
            0 if size >= 1.0 => self.method(".tanh()", x, bounds.map(f64::tanh)),
            1 if size >= 1.0 => self.method(".sigmoid()", x, bounds.map(|x| 1.0 / (1.0 + (-x).exp()))),
            _ => {
                let mut by = 0.5;
                while bounds.size() * by > size {
                    by *= 0.5;
                }
                self.same(Kind::Behind(format!(" * {by:?}")), x, bounds.map(|x| x * by))
            }
        }
    }

    /// Makes so many outputs of all edges that nothing reads.
    fn finish(&mut self, outputs: usize) {
        loop {
            self.model.outputs.clear();
            let unused = self.unused();
            if unused.len() <= outputs {
                let newest = self.model.nodes.len() - 1;
                let read = |node: usize| matches!(self.model.nodes[node].kind, Kind::Input);
                self.model.outputs = if unused.is_empty() { vec![newest] } else { unused };
                // An input that nothing read isn't returned as it is.
                for index in 0..self.model.outputs.len() {
                    let node = self.model.outputs[index];
                    if read(node) {
                        self.model.outputs[index] = self.model.nodes.len();
                        let bounds = Bounds::within(1.0);
                        let lengths = self.lengths(node);
                        self.model.add(Kind::Method(".tanh()".into()), &[node], lengths, bounds);
                        return self.finish(outputs);
                    }
                }
                return;
            }
            let (a, b) = (unused[0], unused[1]);
            let fits = broadcast(&self.lengths(a), &self.lengths(b)).is_some_and(|shape| count(&shape) <= 48);
            if fits {
                self.join_two(a, b);
            } else {
                let (a, b) = (self.flat(a), self.flat(b));
                let (x, y) = (self.bounds(a), self.bounds(b));
                let bounds = Bounds::of(&[x.low, x.high, y.low, y.high]);
                let lengths = vec![self.lengths(a)[0] + self.lengths(b)[0]];
                self.model.add(Kind::Together("concat", 0), &[a, b], lengths, bounds);
            }
        }
    }

    /// The numbers of an edge on one axis, no more than twenty.
    fn flat(&mut self, x: usize) -> usize {
        let (mut x, bounds) = (x, self.bounds(x));
        while count(&self.lengths(x)) > 20 {
            let lengths = self.lengths(x)[1..].to_vec();
            x = self.model.add(Kind::Method(".mean(0)".into()), &[x], lengths, bounds);
        }
        match self.lengths(x).len() {
            1 => x,
            0 => self.model.add(Kind::Method(".reshape([1])".into()), &[x], vec![1], bounds),
            _ => {
                let length = count(&self.lengths(x));
                self.model.add(Kind::Method(".flatten()".into()), &[x], vec![length], bounds)
            }
        }
    }
}

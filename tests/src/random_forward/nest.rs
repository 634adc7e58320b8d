//! Models as fields of a model.

use super::graph::{Bounds, Kind, Model};
use super::grow::Grower;
use super::operations::NESTED;

impl Grower<'_> {
    /// A block, a row of blocks, an activation as a field, or a model that was made before.
    pub(super) fn nested(&mut self) -> usize {
        let Some(x) = self.pick_of_rank(1) else { return self.function() };
        let x = self.calm(x, 4.0);
        let (lengths, size) = (self.lengths(x), self.bounds(x).size());
        let last = lengths[lengths.len() - 1];
        if !(3..=5).contains(&last) {
            return self.pair();
        }
        let reuse = self.draw.percent(50);
        let block = match self.draw.below(3) {
            0 => format!("Gate<{last}>"),
            1 => format!("Scaled<{last}>"),
            _ => format!("Beside<{last}, Gate<{last}>>"),
        };
        match self.draw.turn(NESTED, 8) {
            0 | 1 => {
                let field = self.model.field("block", block, reuse);
                self.same(Kind::Call(field), x, Bounds::within(size + 1.0))
            }
            2 | 3 => {
                let rounds = 2 + self.draw.below(2);
                let field = self.model.field("blocks", format!("[{block}; {rounds}]"), false);
                self.same(Kind::Loop(field), x, Bounds::within(size + rounds as f64))
            }
            4 => {
                let (kind, bounds) = self.draw.one(&[
                    ("Tanh", Bounds::within(1.0)),
                    ("Relu", Bounds::new(0.0, size)),
                    ("Softmax", Bounds::new(0.0, 1.0)),
                    ("LeakyRelu<1, 100>", Bounds::within(size)),
                ]);
                let field = self.model.field("act", kind.into(), reuse);
                self.same(Kind::Call(field), x, bounds)
            }
            5 => {
                let field = self.model.field("chain", format!("Chain<{last}>"), reuse);
                self.same(Kind::Call(field), x, Bounds::within(1.0))
            }
            6 => self.two_to_two(x),
            _ => self.earlier_model(x),
        }
    }

    /// A model with two inputs and two outputs.
    fn two_to_two(&mut self, x: usize) -> usize {
        let first = self.linear_of(x, Some(4));
        let first = self.calm(first, 4.0);
        let lengths = self.lengths(first);
        let first = if lengths == [4] {
            first
        } else {
            let mut x = first;
            for _ in 1..lengths.len() {
                let (lengths, bounds) = (self.lengths(x)[1..].to_vec(), self.bounds(x));
                x = self.model.add(Kind::Method(".mean(0)".into()), &[x], lengths, bounds);
            }
            x
        };
        let (bounds, second) = (self.bounds(first), vec![3]);
        let second = self.model.add(Kind::Method(".slice(0, 1..4)".into()), &[first], second, bounds);
        let field = self.model.field("pair", "Pair".into(), true);
        let both = self.model.add(Kind::Several(field), &[first, second], Vec::new(), bounds);
        self.model.add(Kind::Part, &[both], vec![4], Bounds::within(bounds.size() + 1.0));
        self.model.add(Kind::Part, &[both], Vec::new(), Bounds::within(3.0))
    }

    /// A model of the same file, on an edge that is made to fit.
    fn earlier_model(&mut self, x: usize) -> usize {
        let fits = |model: &&Model| {
            let nests = model.nodes.iter().any(|node| matches!(node.kind, Kind::Detach | Kind::Several(_)));
            model.inputs().len() == 1 && model.outputs.len() == 1 && model.nodes.len() < 40 && !nests
        };
        let found: Vec<&Model> = self.earlier.iter().filter(fits).collect();
        if found.is_empty() {
            return self.function();
        }
        let inner = self.draw.one(&found);
        let wanted = inner.nodes[0].lengths.clone();
        let output = &inner.nodes[inner.outputs[0]];
        let (name, lengths, bounds) = (inner.name(), output.lengths.clone(), output.bounds);
        let x = if self.lengths(x) == wanted { x } else { 0 };
        let x = self.calm(x, 2.0);
        if self.lengths(x) != wanted {
            return self.function();
        }
        let field = self.model.field("net", name, true);
        self.model.add(Kind::Call(field), &[x], lengths, bounds)
    }
}

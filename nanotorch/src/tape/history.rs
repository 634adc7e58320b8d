//! What happened, to be walked and printed.

use alloc::vec::Vec;
use core::fmt;

use super::store::{Node, Store};
use crate::element::Float;
use crate::rule::{MAX_OPERANDS, Place};
use crate::shape::Layout;

/// One operation, or numbers from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its number: operations come after what they are computed from.
    pub place: Place,
    /// What happened; `variable` or `constant` for numbers from outside.
    pub op: &'static str,
    /// The shape of the result.
    pub layout: Layout,
    /// Whether a gradient by it is wanted.
    pub requires_grad: bool,
    parents: [Place; MAX_OPERANDS],
    arity: usize,
}

impl Step {
    /// The numbers of the steps that it was computed from.
    pub fn parents(&self) -> &[Place] {
        &self.parents[..self.arity]
    }
}

/// What happened on a tape, as plain values: walk [`steps`](History::steps) or [`parents`](History::parents), print it as a tree
/// (with `{}`), or as a graph for Graphviz with [`dot`](History::dot).
#[derive(Clone, Debug)]
pub struct History {
    steps: Vec<Step>,
    /// Where the tree begins; the last step if there is none.
    root: Option<Place>,
}

/// What a node is called.
pub(super) fn name<T: Float>(node: &Node<T>) -> &'static str {
    match &node.rule {
        Some(rule) => rule.name(),
        None if node.tracked => "variable",
        None => "constant",
    }
}

impl History {
    /// All nodes, or those that went into one.
    pub(super) fn of<T: Float>(store: &Store<T>, root: Option<Place>) -> History {
        let nodes = store.nodes.borrow();
        let mut within = alloc::vec![root.is_none(); nodes.len()];
        if let Some(root) = root {
            within[root] = true;
            for place in (0..=root).rev() {
                if within[place] {
                    nodes[place].parents().iter().for_each(|&parent| within[parent] = true);
                }
            }
        }
        let step = |(place, node): (usize, &Node<T>)| Step {
            place,
            op: name(node),
            layout: node.layout,
            requires_grad: node.tracked,
            parents: node.parents,
            arity: node.arity,
        };
        let steps = nodes.iter().enumerate().filter(|(place, _)| within[*place]).map(step).collect();
        History { steps, root }
    }

    /// The steps, in the order in which they happened.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The step of that number.
    pub fn step(&self, place: Place) -> Option<&Step> {
        self.steps.binary_search_by_key(&place, |step| step.place).ok().map(|index| &self.steps[index])
    }

    /// The result that this is the history of: the last step, if of no particular one.
    pub fn root(&self) -> Option<&Step> {
        self.root.and_then(|root| self.step(root)).or(self.steps.last())
    }

    /// The steps that a step was computed from.
    pub fn parents<'a>(&'a self, step: &'a Step) -> impl Iterator<Item = &'a Step> {
        step.parents().iter().filter_map(|&place| self.step(place))
    }

    /// The graph in Graphviz's language: `dot -Tsvg` draws it.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// let dot = Tape::new().record(|tape| tape.variable(&tensor![2.0]).exp().history().dot().to_string());
    /// assert!(dot.contains("n0 -> n1;"));
    /// ```
    pub fn dot(&self) -> impl fmt::Display {
        Dot(self)
    }

    /// The tree below a step, line by line. A recording can be deeper than the stack, so it is walked by a list.
    fn tree(&self, formatter: &mut fmt::Formatter<'_>, root: &Step) -> fmt::Result {
        let length = self.steps.last().map_or(0, |step| step.place + 1);
        let mut shown = alloc::vec![false; length];
        // Whether there is more on each level above; and the steps to come, with their levels.
        let (mut branches, mut waiting) = (Vec::new(), alloc::vec![(root, 0, false)]);
        while let Some((step, level, more)) = waiting.pop() {
            branches.truncate(level);
            for &more in &branches[..level.saturating_sub(1)] {
                formatter.write_str(if more { "│  " } else { "   " })?;
            }
            if level > 0 {
                branches.truncate(level - 1);
                branches.push(more);
                formatter.write_str(if more { "├─ " } else { "└─ " })?;
            }
            write!(formatter, "{} {}", step.op, step.layout)?;
            if step.arity == 0 {
                writeln!(formatter, " #{}", step.place)?;
            } else if core::mem::replace(&mut shown[step.place], true) {
                // What went into several results is shown once.
                writeln!(formatter, " #{}, as above", step.place)?;
            } else {
                writeln!(formatter)?;
                let start = waiting.len();
                let parents = self.parents(step).enumerate();
                waiting.extend(parents.map(|(index, parent)| (parent, level + 1, index + 1 < step.arity)));
                waiting[start..].reverse();
            }
        }
        Ok(())
    }
}

impl fmt::Display for History {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(root) = self.root() else { return Ok(()) };
        self.tree(formatter, root)
    }
}

struct Dot<'a>(&'a History);

impl fmt::Display for Dot<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("digraph tape {\n    rankdir=LR;\n")?;
        for step in &self.0.steps {
            let shape = if step.arity == 0 { "box" } else { "ellipse" };
            writeln!(
                formatter,
                "    n{} [label=\"{}\\n{}\", shape={shape}];",
                step.place, step.op, step.layout
            )?;
            for parent in step.parents() {
                writeln!(formatter, "    n{parent} -> n{};", step.place)?;
            }
        }
        formatter.write_str("}\n")
    }
}

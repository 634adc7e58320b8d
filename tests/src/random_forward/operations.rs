//! The families of operations, and what each may be applied to.

use super::arrange::arranged;
use super::graph::{Bounds, Kind, Lengths, Model, broadcast, count};
use super::grow::Grower;

/// Functions of one number.
pub(super) const FUNCTION: usize = 0;
/// Operators with a scalar.
pub(super) const SCALAR: usize = 1;
/// Operators between two edges.
pub(super) const PAIR: usize = 2;
/// Dense layers.
pub(super) const LINEAR: usize = 3;
/// Matrix products.
pub(super) const MATMUL: usize = 4;
/// Sums, means, largest elements.
pub(super) const REDUCE: usize = 5;
/// Softmax and its logarithm.
pub(super) const SOFTMAX: usize = 6;
/// The same numbers in another order or shape.
pub(super) const ARRANGE: usize = 7;
/// Models as fields.
pub(super) const NESTED: usize = 8;

impl Grower<'_> {
    /// An operation of a family, on an edge that is drawn.
    pub(super) fn operation(&mut self, family: usize) -> usize {
        match family {
            FUNCTION => self.function(),
            SCALAR => self.scalar(),
            PAIR => self.pair(),
            LINEAR => self.linear(),
            MATMUL => self.matmul(),
            REDUCE => self.reduce(),
            SOFTMAX => self.softmax(),
            ARRANGE => arranged(self),
            _ => self.nested(),
        }
    }

    /// `x² + c`, which can stand under a root, a fraction, a logarithm.
    fn positive(&mut self, x: usize) -> usize {
        let x = self.calm(x, 3.0);
        let size = self.bounds(x).size();
        let (text, high) = if self.draw.percent(70) { (".square()", size * size) } else { (".abs()", size) };
        let even = self.method(text, x, Bounds::new(0.0, high));
        let shift = self.draw.one(&[0.75, 1.0, 1.5]);
        self.same(Kind::Behind(format!(" + {shift:?}")), even, Bounds::new(shift, high + shift))
    }

    pub(super) fn function(&mut self) -> usize {
        let x = self.pick();
        let x = self.calm(x, 5.0);
        let bounds = self.bounds(x);
        let bend = Bounds::new(bounds.low.max(-0.3), bounds.high.max(0.0));
        match self.draw.turn(FUNCTION, 20) {
            0 => self.method(".relu()", x, bounds.map(|x| x.max(0.0))),
            1 => self.method(".leaky_relu()", x, bounds.map(|x| x.max(0.01 * x))),
            2 => self.method(".sigmoid()", x, bounds.map(|x| 1.0 / (1.0 + (-x).exp()))),
            3 => self.method(".tanh()", x, bounds.map(f64::tanh)),
            4 => self.method(".gelu()", x, bend),
            5 => self.method(".gelu_tanh()", x, bend),
            6 => self.method(".silu()", x, bend),
            7 => self.method(".elu()", x, bounds.map(|x| if x > 0.0 { x } else { x.exp_m1() })),
            8 => self.method(".softplus()", x, bounds.map(|x| x.exp().ln_1p())),
            9 => self.method(".abs()", x, Bounds::new(0.0, bounds.size())),
            10 => self.same(Kind::Negative, x, Bounds::new(-bounds.high, -bounds.low)),
            11 => {
                let x = self.calm(x, 1.5);
                let bounds = self.bounds(x);
                self.method(".exp()", x, bounds.map(f64::exp))
            }
            12 => {
                let (x, power) = (self.calm(x, 1.5), self.draw.one(&[2, 3, 5]));
                let size = self.bounds(x).size().powi(power);
                self.method(&format!(".powi({power})"), x, Bounds::within(size))
            }
            13 => {
                let x = self.calm(x, 2.0);
                let size = self.bounds(x).size();
                self.method(".square()", x, Bounds::new(0.0, size * size))
            }
            turn => {
                let x = self.positive(x);
                let bounds = self.bounds(x);
                let falls = |f: fn(f64) -> f64| Bounds::new(f(bounds.high), f(bounds.low));
                match turn - 14 {
                    0 => self.method(".ln()", x, bounds.map(f64::ln)),
                    1 => self.method(".sqrt()", x, bounds.map(f64::sqrt)),
                    2 => self.method(".recip()", x, falls(f64::recip)),
                    3 => self.method(".powf(0.7)", x, bounds.map(|x| x.powf(0.7))),
                    4 => self.method(".powf(-0.5)", x, falls(|x| x.powf(-0.5))),
                    _ => self.method(".powi(-2)", x, falls(|x| x.powi(-2))),
                }
            }
        }
    }

    fn scalar(&mut self) -> usize {
        let x = self.pick();
        let x = self.calm(x, 5.0);
        let (bounds, by) = (self.bounds(x), self.draw.one(&[0.5, 1.25, 3.0]));
        let behind = |operator: &str| Kind::Behind(format!(" {operator} {by:?}"));
        let before = |operator: &str| Kind::Before(format!("{by:?} {operator} "));
        match self.draw.turn(SCALAR, 7) {
            0 => self.same(behind("+"), x, bounds.map(|x| x + by)),
            1 => self.same(behind("-"), x, bounds.map(|x| x - by)),
            2 => self.same(behind("*"), x, bounds.map(|x| x * by)),
            3 => self.same(behind("/"), x, bounds.map(|x| x / by)),
            4 => self.same(before("-"), x, Bounds::new(by - bounds.high, by - bounds.low)),
            5 => self.same(before("*"), x, bounds.map(|x| x * by)),
            _ => {
                let x = self.positive(x);
                let bounds = self.bounds(x);
                self.same(before("/"), x, Bounds::new(by / bounds.high, by / bounds.low))
            }
        }
    }

    /// A parameter of this shape.
    pub(super) fn parameter(&mut self, lengths: Lengths) -> usize {
        let reuse = self.draw.percent(30);
        let numbers: Vec<_> = lengths.iter().map(usize::to_string).collect();
        let shape = match &numbers[..] {
            [] => "R0".to_owned(),
            numbers => format!("R{}<{}>", numbers.len(), numbers.join(", ")),
        };
        let (kind, size) = match self.draw.below(4) {
            0 => (format!("Param<{shape}, Ones>"), 1.0),
            _ => (format!("Param<{shape}>"), 1.0 / (lengths.last().map_or(1.0, |&last| last as f64)).sqrt()),
        };
        let role = if self.draw.percent(10) { "frozen" } else { "weight" };
        let field = self.model.field(role, kind, reuse);
        self.model.add(Kind::Parameter(field), &[], lengths, Bounds::within(size))
    }

    /// A node that can be repeated to fit `a`, or that `a` can.
    fn partner(&mut self, a: usize) -> usize {
        let lengths = self.lengths(a);
        if self.draw.percent(65) {
            let fits = |node: usize| {
                let together = broadcast(&lengths, &self.model.nodes[node].lengths);
                self.is_edge(node) && together.is_some_and(|together| count(&together) <= 48)
            };
            let fitting: Vec<_> = (0..self.model.nodes.len()).filter(|&node| fits(node)).collect();
            let unused: Vec<_> =
                self.unused().into_iter().filter(|node| *node != a && fitting.contains(node)).collect();
            return if unused.is_empty() { self.draw.one(&fitting) } else { self.draw.one(&unused) };
        }
        let mut shape = lengths;
        match self.draw.below(5) {
            0 => shape.clear(),
            1 => shape.drain(..shape.len().saturating_sub(1)).for_each(drop),
            2 if !shape.is_empty() => {
                let axis = self.draw.below(shape.len());
                shape[axis] = 1;
            }
            _ => {}
        }
        self.parameter(shape)
    }

    pub(super) fn pair(&mut self) -> usize {
        let a = self.pick();
        let b = self.partner(a);
        self.join_two(a, b)
    }

    /// Two nodes that fit, by an operator.
    pub(super) fn join_two(&mut self, a: usize, b: usize) -> usize {
        let operator = ['+', '-', '*', '/'][self.draw.turn(PAIR, 4)];
        let size = if matches!(operator, '+' | '-') { 5.0 } else { 2.5 };
        let a = self.calm(a, size);
        let b = if operator == '/' { self.positive(b) } else { self.calm(b, size) };
        let (mut a, mut b) = (a, b);
        if operator != '/' && self.draw.percent(50) {
            (a, b) = (b, a);
        }
        let (x, y) = (self.bounds(a), self.bounds(b));
        let bounds = match operator {
            '+' => Bounds::new(x.low + y.low, x.high + y.high),
            '-' => Bounds::new(x.low - y.high, x.high - y.low),
            '*' => Bounds::of(&[x.low * y.low, x.low * y.high, x.high * y.low, x.high * y.high]),
            _ => Bounds::of(&[x.low / y.low, x.low / y.high, x.high / y.low, x.high / y.high]),
        };
        let lengths = broadcast(&self.lengths(a), &self.lengths(b)).unwrap_or_default();
        self.model.add(Kind::Binary(operator), &[a, b], lengths, bounds)
    }

    fn linear(&mut self) -> usize {
        match self.pick_of_rank(1) {
            // Few sizes: each is a kernel of its own, and so costs time to build.
            Some(x) if matches!(self.lengths(x).last(), Some(3..=7)) => self.linear_of(x, None),
            _ => self.scalar(),
        }
    }

    pub(super) fn linear_of(&mut self, x: usize, to: Option<usize>) -> usize {
        let x = self.calm(x, 5.0);
        let mut lengths = self.lengths(x);
        let last = lengths.len() - 1;
        let from = lengths[last];
        let to = to.unwrap_or(if from == 5 { 3 } else { 5 });
        lengths[last] = to;
        let bias = if self.draw.percent(25) { ", NoBias" } else { "" };
        let reuse = self.draw.percent(60);
        let role = if self.draw.percent(10) { "frozen" } else { "fc" };
        let field = self.model.field(role, format!("Linear<{from}, {to}{bias}>"), reuse);
        let root = (from as f64).sqrt();
        let size = root * self.bounds(x).size() + 1.0 / root;
        self.model.add(Kind::Call(field), &[x], lengths, Bounds::within(size))
    }

    fn matmul(&mut self) -> usize {
        let a = match self.pick_of_rank(2) {
            Some(a) => a,
            None => {
                let x = self.pick();
                let n = count(&self.lengths(x));
                let bounds = self.bounds(x);
                self.model.add(Kind::Method(format!(".reshape([1, {n}])")), &[x], vec![1, n], bounds)
            }
        };
        let a = self.calm(a, 1.5);
        let lengths = self.lengths(a);
        let (outer, [rows, inner]) = lengths.split_at(lengths.len() - 2) else { return a };
        let turned = |model: &mut Model, x: usize| {
            let (mut lengths, bounds) = (model.nodes[x].lengths.clone(), model.nodes[x].bounds);
            let rank = lengths.len();
            lengths.swap(rank - 1, rank - 2);
            model.add(Kind::Method(".t()".into()), &[x], lengths, bounds)
        };
        let (first, second) = match self.draw.turn(MATMUL, 4) {
            0 => (a, turned(&mut self.model, a)),
            1 => {
                let weight = [outer, &[if *rows == 3 { 4 } else { 3 }, *inner]].concat();
                let weight = self.parameter(weight);
                (a, turned(&mut self.model, weight))
            }
            2 => {
                let b = self.parameter([outer, &[*rows, 2]].concat());
                (turned(&mut self.model, a), b)
            }
            _ => (a, self.parameter([outer, &[*inner, if *inner == 3 { 5 } else { 3 }]].concat())),
        };
        let (x, y) = (self.lengths(first), self.lengths(second));
        let (k, n) = (x[x.len() - 1], y[y.len() - 1]);
        let lengths = [&x[..x.len() - 1], &[n]].concat();
        let size = k as f64 * self.bounds(first).size() * self.bounds(second).size();
        self.model.add(Kind::With("matmul"), &[first, second], lengths, Bounds::within(size))
    }

    fn reduce(&mut self) -> usize {
        let Some(x) = self.pick_of_rank(1) else { return self.function() };
        let x = self.calm(x, 5.0);
        let (mut lengths, bounds) = (self.lengths(x), self.bounds(x));
        let turn = self.draw.turn(REDUCE, 6);
        let name = ["sum", "mean", "max"][turn % 3];
        let axis = self.draw.below(lengths.len());
        let whole = turn >= 3;
        let terms = if whole { count(&lengths) } else { lengths[axis] };
        let bounds = if name == "sum" { bounds.map(|x| x * terms as f64) } else { bounds };
        if whole {
            return self.model.add(Kind::Method(format!(".{name}()")), &[x], Vec::new(), bounds);
        }
        lengths.remove(axis);
        self.model.add(Kind::Method(format!(".{name}({axis})")), &[x], lengths, bounds)
    }

    fn softmax(&mut self) -> usize {
        let Some(x) = self.pick_of_rank(1) else { return self.function() };
        let x = self.calm(x, 4.0);
        let last = self.lengths(x).last().map_or(1.0, |&last| last as f64);
        if self.draw.turn(SOFTMAX, 2) == 0 {
            return self.method(".softmax()", x, Bounds::new(0.0, 1.0));
        }
        let size = self.bounds(x).size();
        self.method(".log_softmax()", x, Bounds::new(-2.0 * size - last.ln(), 0.0))
    }
}

//! Operations on random shapes against PyTorch's. Shapes are values in the golden file, so the rules are run that tensors and tapes
//! run, with shapes that no program wrote.

use nanotorch::graph::{self, Binary};
use nanotorch::op::{Unary, activation, elementary, softmax};
use nanotorch::prelude::*;
use nanotorch::rule::{
    Arrange, Combine, Cumulate, Edges, Elementwise, Fold, Gather, Join, Moved, Pad, Product, Reduction, Room,
    Rowwise, Rule, Triangle,
};
use nanotorch::shape::Layout;
use nanotorch_tests::golden::Golden;

/// What a case holds.
struct Case<'a> {
    golden: &'a Golden,
    name: String,
}

impl Case<'_> {
    fn operand(&self, name: &str) -> (Layout, Vec<f64>) {
        let (lengths, numbers) = self.golden.tensor(&format!("{}.{name}", self.name));
        (Layout::new(&lengths), numbers)
    }

    /// The axes and places that the operation has beside its operand.
    fn given(&self) -> Vec<i64> {
        self.golden.tensor(&format!("{}.given", self.name)).1.iter().map(|&number| number as i64).collect()
    }

    fn layout(&self, name: &str) -> Layout {
        self.operand(name).0
    }

    /// Compares value and gradients in both precisions.
    fn check<R: Rule<f32> + Rule<f64>>(&self, rule: &R, operands: &[&str]) {
        self.check_in::<f64>(rule, operands, 2e-14);
        self.check_in::<f32>(rule, operands, 2e-6);
    }

    fn check_in<T: Float>(&self, rule: &impl Rule<T>, operands: &[&str], tolerance: f64) {
        let narrow = |numbers: Vec<f64>| numbers.into_iter().map(T::from_f64).collect::<Vec<T>>();
        let wide = |numbers: &[T]| numbers.iter().map(|x| x.to_f64()).collect::<Vec<f64>>();
        let x: Vec<Vec<T>> = operands.iter().map(|name| narrow(self.operand(name).1)).collect();
        let x: Vec<&[T]> = x.iter().map(Vec::as_slice).collect();
        // Whatever lies in memory before must not matter.
        let rubbish = |length: usize| vec![T::NAN; length];
        let (mut y, mut kept) = (rubbish(rule.layout().len()), rubbish(rule.kept()));
        assert_eq!(rule.layout(), self.layout("y"), "{}", self.name);
        rule.forward(&x, &mut y, Room { kept: &mut kept, workspace: &mut rubbish(rule.workspace()) });
        self.golden.assert_close(&format!("{}.y", self.name), &wide(&y), tolerance);
        let dy = narrow(self.operand("dy").1);
        let mut dx: Vec<Vec<T>> = x.iter().map(|x| rubbish(x.len())).collect();
        let mut targets: Vec<&mut [T]> = dx.iter_mut().map(Vec::as_mut_slice).collect();
        let edges = Edges { x: &x, y: &y, kept: &kept, dy: &dy, dx: &mut targets };
        rule.backward(edges, &mut rubbish(rule.backward_workspace()));
        for (name, dx) in operands.iter().zip(&dx) {
            self.golden.assert_close(&format!("{}.d{name}", self.name), &wide(dx), 10.0 * tolerance);
        }
    }

    fn unary(&self, function: impl Unary) {
        self.check(&Elementwise { function, layout: self.layout("x") }, &["x"]);
    }

    fn binary(&self, function: impl Binary) {
        self.check(
            &Combine::new(function, self.layout("y"), [self.layout("x"), self.layout("b")]),
            &["x", "b"],
        );
    }

    fn fold(&self, reduction: Reduction) {
        let axis = self.given()[0] as usize;
        self.check(&Fold::along(reduction, self.layout("x"), axis, self.layout("y")), &["x"]);
    }

    fn product(&self) {
        let [a, b, y] = ["x", "b", "y"].map(|name| self.layout(name));
        let outer = |layout: Layout| Layout::new(&layout.lengths()[..layout.rank() - 2]);
        let last =
            |layout: Layout| [layout.lengths()[layout.rank() - 2], layout.lengths()[layout.rank() - 1]];
        let ([m, k], [_, n]) = (last(a), last(b));
        self.check(&Product::new(y, [outer(y), outer(a), outer(b)], [m, n, k]), &["x", "b"]);
    }

    /// The operation that the name says.
    fn run(&self, operation: &str) {
        use graph::function::{Abs, Exp, Ln, Power, Reciprocal, Sqrt, Square};
        use nanotorch::op::elementary::Clamp;
        let x = self.layout("x");
        let all = if self.golden.has(&format!("{}.given", self.name)) { self.given() } else { Vec::new() };
        let given = |place: usize| all[place] as usize;
        let moved = |rule: Arrange| self.check(&Moved(rule), &["x"]);
        match operation {
            "abs" => self.unary(Abs {}),
            "sqrt" => self.unary(Sqrt {}),
            "square" => self.unary(Square {}),
            "recip" => self.unary(Reciprocal {}),
            "exp" => self.unary(Exp {}),
            "ln" => self.unary(Ln {}),
            "powf" => self.unary(Power { exponent: 2.5 }),
            "clamp" => self.unary(Clamp { low: -1.0, high: 0.5 }),
            "sign" => self.unary(elementary::Sign),
            "rsqrt" => self.unary(elementary::Rsqrt),
            "exp2" => self.unary(elementary::Exp2),
            "expm1" => self.unary(elementary::Expm1),
            "log2" => self.unary(elementary::Log2),
            "log10" => self.unary(elementary::Log10),
            "log1p" => self.unary(elementary::Log1p),
            "sin" => self.unary(elementary::Sin),
            "cos" => self.unary(elementary::Cos),
            "tan" => self.unary(elementary::Tan),
            "asin" => self.unary(elementary::Asin),
            "acos" => self.unary(elementary::Acos),
            "atan" => self.unary(elementary::Atan),
            "sinh" => self.unary(elementary::Sinh),
            "cosh" => self.unary(elementary::Cosh),
            "erf" => self.unary(elementary::Erf),
            "floor" => self.unary(elementary::Floor),
            "ceil" => self.unary(elementary::Ceil),
            "round" => self.unary(elementary::Round),
            "tanh" => self.unary(activation::Tanh),
            "relu" => self.unary(activation::Relu),
            "leaky_relu" => self.unary(activation::LeakyRelu::<1, 100>),
            "sigmoid" => self.unary(activation::Sigmoid),
            "gelu" => self.unary(activation::Gelu),
            "gelu_tanh" => self.unary(activation::GeluTanh),
            "silu" => self.unary(activation::Silu),
            "elu" => self.unary(activation::Elu::<1, 1>),
            "softplus" => self.unary(activation::Softplus),
            "add" => self.binary(graph::Add),
            "sub" => self.binary(graph::Subtract),
            "mul" => self.binary(graph::Multiply),
            "div" => self.binary(graph::Divide),
            "pow" => self.binary(graph::Raise),
            "rem" => self.binary(graph::Remainder),
            "maximum" => self.binary(graph::Maximum),
            "minimum" => self.binary(graph::Minimum),
            "matmul" => self.product(),
            "sum" => self.fold(Reduction::Sum),
            "mean" => self.fold(Reduction::Mean),
            "prod" => self.fold(Reduction::Product),
            "max" => self.fold(Reduction::Max),
            "min" => self.fold(Reduction::Min),
            "cumsum" => self.check(&Cumulate { layout: x, axis: given(0) }, &["x"]),
            "softmax" => self.check(&Rowwise { function: softmax::Softmax, layout: x }, &["x"]),
            "log_softmax" => self.check(&Rowwise { function: softmax::LogSoftmax, layout: x }, &["x"]),
            "permute" => {
                let order: Vec<usize> = self.given().iter().map(|&axis| axis as usize).collect();
                moved(Arrange::permuted(x, &order));
            }
            "slice" => moved(Arrange::sliced(x, given(0), given(1), given(2) - given(1), 1)),
            "flip" => moved(Arrange::flipped(x, given(0))),
            "broadcast" => moved(Arrange::broadcast(x, self.layout("y"))),
            "pad" => self.check(&Moved(Pad::new(x, given(0), given(1), given(2))), &["x"]),
            "tril" | "triu" => {
                let offset = self.given()[0] as isize;
                self.check(&Moved(Triangle { layout: x, lower: operation == "tril", offset }), &["x"]);
            }
            "concat" => {
                let operands = [x, self.layout("b")];
                self.check(&Moved(Join::new(self.layout("y"), given(0), &operands)), &["x", "b"]);
            }
            "index_select" | "gather" => {
                let (axis, y) = (given(0), self.layout("y"));
                let along = |at: usize, index: Layout| match operation {
                    "gather" => given(1 + at),
                    _ => given(1 + index.lengths()[axis]),
                };
                let place = |at: usize| {
                    let index = y.index(at);
                    let index = index.with(axis, along(at, index));
                    let steps = index.lengths().iter().zip(x.strides());
                    steps.map(|(&step, stride)| step * stride.unsigned_abs()).sum()
                };
                self.check(&Moved(Gather { layout: y, places: (0..y.len()).map(place).collect() }), &["x"]);
            }
            "sort" => {
                let (_, numbers) = self.operand("x");
                let axis = given(0);
                let places = nanotorch::rule::order_by(&numbers, x, axis, x.lengths()[axis], false);
                self.check(&Moved(Gather { layout: x, places }), &["x"]);
            }
            other => panic!("`{other}` has cases, but no rule here"),
        }
    }
}

#[test]
fn every_operation_on_random_shapes() {
    let golden = Golden::open("shapes");
    let cases = golden.cases();
    assert!(cases.len() > 250, "{} cases", cases.len());
    for name in cases {
        let (operation, _) = name.rsplit_once('_').expect("a number behind the name");
        Case { golden: &golden, name: name.clone() }.run(operation);
    }
}

//! Forward functions of generic models: blocks with lengths, layers and other blocks as parameters, three levels deep, over inputs
//! of several shapes; and models whose several inputs have generic lengths.

use nanotorch::gradcheck::Gradcheck;
use nanotorch::model::{self, Layer, Model, for_each_parameter};
use nanotorch::prelude::*;

/// `x + outer(act(inner(x)))`.
#[model(forward)]
struct Residual<const D: usize, const HIDDEN: usize, A: Module = Tanh> {
    inner: Linear<D, HIDDEN>,
    act: A,
    outer: Linear<HIDDEN, D, NoBias>,
}

#[forward]
impl<const D: usize, const HIDDEN: usize, A: Module> Residual<D, HIDDEN, A> {
    fn forward(&self, x: Edge) -> Edge {
        x + self.outer.forward(self.act.forward(self.inner.forward(x)))
    }
}

/// Two layers of any kind, mixed by a gate that either may change.
#[model(forward)]
struct Either<const D: usize, A, B>
where
    A: Module,
    B: Module,
{
    gate: Linear<D, D>,
    left: A,
    right: B,
}

#[forward]
impl<const D: usize, A, B> Either<D, A, B>
where
    A: Module,
    B: Module,
{
    fn forward(&self, x: Edge) -> Edge {
        let gate = self.gate.forward(x).sigmoid();
        gate * self.left.forward(x) + (1.0 - gate) * self.right.forward(x)
    }
}

/// A row of blocks of any kind, the first of them used again at the end.
#[model(forward)]
struct Tower<const N: usize, A: Module> {
    first: A,
    blocks: [A; N],
}

#[forward]
impl<const N: usize, A: Module> Tower<N, A> {
    fn forward(&self, x: Edge) -> Edge {
        let mut h = self.first.forward(x);
        for block in &self.blocks {
            h = block.forward(h);
        }
        self.first.forward(h * 0.5)
    }
}

type Inner = Residual<4, 3>;
type Mixed = Either<4, Inner, Linear<4, 4>>;

/// Three levels of generic models; the tower runs over a vector and over a matrix.
#[model(input = [6], forward)]
struct Deep {
    first: Linear<6, 4>,
    tower: Tower<2, Mixed>,
    head: Residual<4, 5, Softplus>,
}

#[forward]
impl Deep {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.first.forward(x);
        let rows = h.stack((h * 2.0, h.square()), 0);
        self.head.forward(self.tower.forward(rows).mean(0) - self.tower.forward(h))
    }
}

/// A sequential model with generic blocks.
#[model(input = [2, 4])]
struct Sequence {
    mixed: Mixed,
    tower: Tower<1, Residual<4, 2, Relu>>,
    flatten: Flatten,
    head: Linear<8, 3>,
}

/// Two inputs and two outputs of generic lengths.
#[model(input = ([A], [2, B]), forward)]
struct Cross<const A: usize, const B: usize> {
    left: Linear<A, B>,
    right: Residual<B, 3>,
    scale: Param<R1<B>>,
}

#[forward]
impl<const A: usize, const B: usize> Cross<A, B> {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let h = self.left.forward(x).tanh();
        let rows = self.right.forward(y) * h;
        (rows.sum(0) * self.scale, (rows - h).square().mean())
    }
}

/// Two such models, one of which takes what the other gives.
#[model(input = ([3], [2, 5]), forward)]
struct Crossed {
    first: Cross<3, 5>,
    second: Cross<5, 5>,
}

#[forward]
impl Crossed {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge, Edge) {
        let (h, first) = self.first.forward(x, y);
        let (h, second) = self.second.forward(h, y * first);
        (h, second, first)
    }
}

/// Gradients by all parameters and the input, from a few seeds, for one sample and for three.
/// Two edges of any shapes that agree, and one that weighs them: nothing is declared.
#[model(forward, gradcheck(Weighed<3, Tanh>, ([2, 3], [2, 3], [2, 1])))]
struct Weighed<const D: usize, A: Module> {
    value: Linear<D, D>,
    act: A,
}

#[forward]
impl<const D: usize, A: Module> Weighed<D, A> {
    fn forward(&self, x: Edge, y: Edge, gate: Edge) -> (Edge, Edge) {
        let mixed = gate * self.act.forward(self.value.forward(x)) + (1.0 - gate) * y;
        (mixed, mixed.mean(0))
    }
}

/// The same block on vectors and on matrices, within a block that declares nothing either.
#[model(forward)]
struct Twice {
    weighed: Weighed<4, Relu>,
}

#[forward]
impl Twice {
    fn forward(&self, x: Edge, y: Edge, gate: Edge) -> (Edge, Edge) {
        let (mixed, mean) = self.weighed.forward(x, y, gate);
        let (_, again) = self.weighed.forward(mean.stack(mean * 2.0, 0), y, gate);
        (mixed, again)
    }
}

#[model(input = ([2, 4], [4], [2, 1]), forward)]
struct Undeclared {
    twice: Twice,
    weighed: Weighed<4, Sigmoid>,
}

#[forward]
impl Undeclared {
    fn forward(&self, x: Edge, y: Edge, gate: Edge) -> (Edge, Edge) {
        let (mixed, again) = self.twice.forward(x, y.stack(y, 0), gate);
        let (vector, mean) = self.weighed.forward(again, y, again.sigmoid());
        (mixed, vector * mean)
    }
}

fn check<M: Model<Element = f64>>(name: &str) {
    for (seed, rows) in [(1, 1), (2, 3), (3, 2)] {
        let model = model::new::<M>(seed);
        let mut random = Random::new(seed + 10);
        let inputs: Vec<f64> = (0..rows * <M::Input as Shape>::LEN).map(|_| random.normal()).collect();
        if let Err(error) = Gradcheck::default().layer::<M::Input, M>(&model, &inputs) {
            panic!("{name}, seed {seed}, {rows} rows: {error}");
        }
    }
}

#[test]
fn gradients_match_differences() {
    check::<Deep<f64>>("deep");
    check::<Sequence<f64>>("sequence");
    check::<Cross<3, 5, f64>>("cross");
    check::<Crossed<f64>>("crossed");
}

#[test]
fn inputs_that_are_not_declared_have_the_shapes_that_they_are_given() {
    check::<Undeclared<f64>>("undeclared");
    assert_eq!(Undeclared::PARAMS, 2 * (4 * 4 + 4));
    assert_eq!(<nanotorch::model::OutputOf<Undeclared> as Shape>::PARTS, [8, 4, 0, 0]);
}

fn names<M: Model>() -> Vec<String> {
    let mut names = Vec::new();
    for_each_parameter::<M>(|parameter| names.push(parameter.path.to_string()));
    names
}

#[test]
fn parameters_are_named_by_the_path_to_them() {
    let names = names::<Sequence>();
    for name in [
        "mixed.gate.weight",
        "mixed.left.outer.weight",
        "mixed.right.bias",
        "tower.blocks.0.inner.bias",
        "tower.first.outer.weight",
        "head.bias",
    ] {
        assert!(names.iter().any(|found| found == name), "{name} is not among {names:?}");
    }
    assert!(!names.iter().any(|name| name == "tower.first.outer.bias"), "it has none");
}

#[test]
fn sizes_and_shapes_are_what_the_arguments_say() {
    let residual = |d: usize, hidden: usize| 2 * d * hidden + hidden;
    let mixed = (4 * 4 + 4) + residual(4, 3) + (4 * 4 + 4);
    assert_eq!(Deep::PARAMS, (6 * 4 + 4) + 3 * mixed + residual(4, 5));
    assert_eq!(Deep::OUTPUT, [4]);
    assert_eq!(Sequence::PARAMS, mixed + 2 * residual(4, 2) + 8 * 3 + 3);
    assert_eq!(Cross::<3, 5>::PARAMS, (3 * 5 + 5) + residual(5, 3) + 5);
    assert_eq!(Crossed::PARAMS, Cross::<3, 5>::PARAMS + Cross::<5, 5>::PARAMS);
    assert_eq!(<Mixed as Layer<R2<7, 4>>>::Out::DIMS[..2], [7, 4]);
    assert_eq!(<Mixed as Layer<R3<2, 3, 4>>>::Out::LEN, 24);
}

/// The same block gives the same for each row of a matrix as for the row alone.
#[test]
fn a_generic_block_works_row_by_row() {
    #[model(input = [4])]
    struct Vector {
        mixed: Mixed,
    }
    #[model(input = [3, 4])]
    struct Matrix {
        mixed: Mixed,
    }
    let (vector, matrix) = (Vector::new(5), Matrix::new(5));
    assert_eq!(vector.values(), matrix.values());
    let mut random = Random::new(1);
    let inputs: Vec<f32> = (0..12).map(|_| random.normal() as f32).collect();
    let mut rows = Inference::<Vector, UpTo<3>>::new();
    let mut whole = Inference::<Matrix, UpTo<1>>::new();
    assert_eq!(rows.run(&vector, &inputs), whole.run(&matrix, &inputs));
}

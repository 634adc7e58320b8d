//! Parameters in operations: what is read where it lies is what a copy a sample would give.

use nanotorch::gradcheck::Gradcheck;
use nanotorch::prelude::*;

/// Every operator with a parameter on either side: of the edge's shape, of its last axis, and one number.
#[model(input = [3, 8], forward, gradcheck)]
struct Sides {
    whole: Param<R2<3, 8>>,
    row: Param<R1<8>, Ones>,
    one: Param<R1<1>, Ones>,
}

#[forward]
impl Sides {
    fn forward(&self, x: Edge) -> Edge {
        let a = self.whole * x + self.row;
        let b = (self.row - a) * self.one - self.whole;
        let c = b / (self.one * 0.1 + 3.0);
        (self.row / (c.square() + 1.0)) - self.one
    }
}

/// A parameter that makes the edge longer, and one that is repeated in the middle.
#[model(input = [2, 1, 5], forward, gradcheck)]
struct Growing {
    middle: Param<R2<3, 5>>,
    first: Param<R3<2, 1, 1>>,
}

#[forward]
impl Growing {
    fn forward(&self, x: Edge) -> Edge {
        let longer = self.middle * x;
        longer / (self.first.square() + 2.0) + self.first
    }
}

/// Products with a parameter as it lies and transposed, the same one twice, of vectors, and of several matrices.
#[model(input = [4, 3, 5], forward, gradcheck)]
struct Products {
    weight: Param<R2<7, 5>>,
    heads: Param<R3<4, 5, 2>>,
    back: Param<R3<4, 5, 2>>,
}

#[forward]
impl Products {
    fn forward(&self, x: Edge) -> Edge {
        let h = x.matmul(self.weight.t()).tanh().matmul(self.weight);
        let each = x.matmul(self.heads);
        h + each.matmul(self.back.t())
    }
}

#[model(input = [5], forward, gradcheck)]
struct Vector {
    weight: Param<R2<5, 3>>,
}

#[forward]
impl Vector {
    fn forward(&self, x: Edge) -> Edge {
        x.matmul(self.weight)
    }
}

/// A generic model reads its parameters likewise, frozen or not.
#[model(forward, gradcheck(Affine<6>, [2, 6]))]
struct Affine<const N: usize> {
    scale: Param<R1<N>, Ones>,
    #[frozen]
    shift: Param<R1<N>>,
    mix: Param<R2<N, N>>,
}

#[forward]
impl<const N: usize> Affine<N> {
    fn forward(&self, x: Edge) -> Edge {
        (x * self.scale + self.shift).matmul(self.mix)
    }
}

/// The same network with layers, and with parameters and operators, gives the same numbers.
#[model(input = [6, 9])]
struct Layers {
    fc: Linear<9, 13>,
    relu: Relu,
}

#[model(input = [6, 9], forward)]
struct Written {
    weight: Param<R2<13, 9>>,
    bias: Param<R1<13>>,
}

#[forward]
impl Written {
    fn forward(&self, x: Edge) -> Edge {
        (x.matmul(self.weight.t()) + self.bias).relu()
    }
}

#[test]
fn parameters_make_a_linear_layer() {
    let mut layers = nanotorch::model::new::<Layers<f64>>(1);
    let mut written = nanotorch::model::new::<Written<f64>>(2);
    written.values_mut().copy_from_slice(layers.values());
    let mut random = Random::new(3);
    let inputs: Vec<f64> = (0..5 * 54).map(|_| random.normal()).collect();
    let targets: Vec<f64> = (0..5 * 78).map(|_| random.normal()).collect();
    let (mut one, mut other) =
        (Training::<Layers<f64>, UpTo<5>, true>::new(1), Training::<Written<f64>, UpTo<5>, true>::new(1));
    one.gradients(&layers, &Mse::default(), &inputs, &targets).unwrap();
    other.gradients(&written, &Mse::default(), &inputs, &targets).unwrap();
    let close = |a: &[f64], b: &[f64]| {
        for (a, b) in a.iter().zip(b) {
            assert!((a - b).abs() <= 1e-14 * (1.0 + a.abs()), "{a} and {b}");
        }
    };
    close(one.outputs(), other.outputs());
    close(one.input_gradient(), other.input_gradient());
    close(one.gradient().values(), other.gradient().values());
    layers.values_mut().fill(0.0);
}

/// No sample has a copy of a parameter: memory is what the edges take.
#[test]
fn nothing_is_copied() {
    assert_eq!(Written::explain().memory.planned, 6 * 13);
    let program = Written::explain().to_string();
    assert!(program.contains("let matmul = x self.weightᵀ;"), "{program}");
    assert!(program.contains("gradient.weight = d_matmulᵀ x;"), "{program}");
    assert_eq!(Affine::<6>::PARAMS, 6 + 6 + 36);
    assert_eq!(Gradcheck::default().property::<R2<2, 6>, Affine<6, f64>>(), Ok(()));
}

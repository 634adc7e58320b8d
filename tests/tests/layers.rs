//! Layers against PyTorch, in both precisions, with each instruction set, in place where they can.

use std::collections::BTreeSet;

use nanotorch::element::{Element, Float};
use nanotorch::layer::{
    Bias, Elu, Gelu, GeluTanh, LeakyRelu, Linear, LogSoftmax, NoBias, Relu, Sigmoid, Silu, Softmax, Softplus,
    Tanh,
};
use nanotorch::model::{Layer, for_each_parameter};
use nanotorch::prelude::{Flatten, model};
use nanotorch::shape::{R1, R2, Shape};
use nanotorch_tests::every_isa::{self, LayerResult};
use nanotorch_tests::golden::Golden;

#[model(input = [5, 7])]
struct FlattenLinear {
    flatten: Flatten,
    fc1: Linear<35, 11>,
}

#[model(input = [5, 7])]
struct Stack {
    flatten: Flatten,
    fc1: Linear<35, 11>,
    tanh: Tanh,
    fc2: Linear<11, 5>,
    log_softmax: LogSoftmax,
}

/// The golden file, and the cases in it that a layer was compared with.
struct Cases {
    golden: Golden,
    done: BTreeSet<String>,
}

impl Cases {
    fn numbers<T: Float>(&self, name: &str) -> Vec<T> {
        self.golden.tensor(name).1.into_iter().map(T::from_f64).collect()
    }

    /// Compares a layer with a case.
    fn check<I: Shape, L: Layer<I>>(&mut self, case: &str, tolerance: f64) {
        let mut layer = L::zeroed();
        for_each_parameter::<L>(|parameter| {
            let name = format!("{case}.param.{}", parameter.path);
            let values = self.golden.values(&name, parameter.dims);
            for (number, value) in layer.values_mut()[parameter.range()].iter_mut().zip(values) {
                *number = L::Element::from_f64(value);
            }
        });
        let (x, dy) = (self.numbers(&format!("{case}.x")), self.numbers(&format!("{case}.dy")));
        every_isa::layer::<I, L>(&layer, &x, &dy, |isa, result| {
            println!("{case} on {isa} in {}", L::Element::NAME);
            let LayerResult { y, dx, gradient } = result;
            let double = |numbers: &[L::Element]| numbers.iter().map(|x| x.to_f64()).collect::<Vec<_>>();
            self.golden.assert_close(&format!("{case}.y"), &double(&y), tolerance);
            self.golden.assert_close(&format!("{case}.dx"), &double(&dx), tolerance);
            for_each_parameter::<L>(|parameter| {
                let places = parameter.gradient_range().unwrap();
                let name = format!("{case}.grad.{}", parameter.path);
                self.golden.assert_close(&name, &double(&gradient[places]), tolerance);
            });
        });
        self.done.insert(case.to_owned());
    }
}

#[test]
fn every_golden_case() {
    let mut cases = Cases { golden: Golden::open("layers"), done: BTreeSet::new() };
    /// A layer by the type of its numbers, in both precisions.
    macro_rules! check {
        ($($case:literal: $I:ty, |$T:ident| $layer:ty;)*) => {
            $({
                type Of<$T> = $layer;
                cases.check::<$I, Of<f64>>($case, 1e-10);
                cases.check::<$I, Of<f32>>($case, 1e-5);
            })*
        };
    }
    check! {
        "linear": R1<5>, |T| Linear<5, 7, Bias, T>;
        "linear_no_bias": R1<5>, |T| Linear<5, 7, NoBias, T>;
        "linear_batch_1": R1<5>, |T| Linear<5, 7, Bias, T>;
        "flatten_linear": R2<5, 7>, |T| FlattenLinear<T>;
        "stack": R2<5, 7>, |T| Stack<T>;
        "relu": R1<11>, |T| Relu<T>;
        "leaky_relu": R1<11>, |T| LeakyRelu<1, 100, T>;
        "leaky_relu_0_2": R1<11>, |T| LeakyRelu<1, 5, T>;
        "sigmoid": R1<11>, |T| Sigmoid<T>;
        "tanh": R1<11>, |T| Tanh<T>;
        "gelu": R1<11>, |T| Gelu<T>;
        "gelu_tanh": R1<11>, |T| GeluTanh<T>;
        "silu": R1<11>, |T| Silu<T>;
        "elu": R1<11>, |T| Elu<1, 1, T>;
        "softplus": R1<11>, |T| Softplus<T>;
        "softmax": R1<7>, |T| Softmax<T>;
        "softmax_rank_2": R2<5, 7>, |T| Softmax<T>;
        "log_softmax": R1<7>, |T| LogSoftmax<T>;
        "log_softmax_rank_2": R2<5, 7>, |T| LogSoftmax<T>;
    }
    let expected: BTreeSet<String> = cases.golden.cases().into_iter().collect();
    assert_eq!(cases.done, expected, "a golden case has no test");
}

/// Softmax over rows longer than a register takes another way than over short ones.
#[test]
fn softmax_of_long_rows_in_place_is_as_out_of_place() {
    fn check<L: Layer<R1<131>>>() {
        assert!(L::NEEDS.in_place);
        let number = |index: usize| L::Element::from_f64(((index * 37) % 101) as f64 / 17.0 - 3.0);
        let x: Vec<L::Element> = (0..393).map(number).collect();
        let dy: Vec<L::Element> = (0..393).map(|index| number(index + 1)).collect();
        let mut apart = Vec::new();
        let mut compared = 0;
        every_isa::layer::<R1<131>, L>(&L::zeroed(), &x, &dy, |isa, result| {
            match apart.iter().find(|(other, _)| *other == isa) {
                None => apart.push((isa, result)),
                Some((_, first)) => {
                    compared += 1;
                    assert_eq!((&first.y, &first.dx), (&result.y, &result.dx), "{isa}");
                }
            }
        });
        assert_eq!(compared, apart.len());
    }
    check::<Softmax<f64>>();
    check::<Softmax<f32>>();
    check::<LogSoftmax<f64>>();
    check::<LogSoftmax<f32>>();
}

#[test]
fn softmax_needs_an_axis() {
    use nanotorch::model::Fit;
    use nanotorch::shape::R0;
    assert!(matches!(<Softmax as Layer<R0>>::FIT, Fit::Mismatch(_)));
    assert!(<LogSoftmax as Layer<R2<2, 3>>>::FIT.fits());
}

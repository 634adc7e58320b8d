//! Layers against PyTorch, in both precisions, with each instruction set, in place where they can.

use nanotorch::element::Float;
use nanotorch::layer::{
    Bias, Elu, Gelu, GeluTanh, LeakyRelu, Linear, LogSoftmax, NoBias, Relu, Sigmoid, Silu, Softmax, Softplus,
    Tanh,
};
use nanotorch::model::Layer;
use nanotorch::prelude::{Flatten, model};
use nanotorch::shape::{R1, R2};
use nanotorch_tests::check_layers;
use nanotorch_tests::every_isa;
use nanotorch_tests::layer_cases::LayerCases;

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

#[test]
fn every_golden_case() {
    let mut cases = LayerCases::open("layers");
    check_layers! { cases;
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
    cases.assert_complete();
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

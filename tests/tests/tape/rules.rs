//! What a tape promises: gradients add up, errors say what is wrong, memory is used again.

use nanotorch::gradcheck::Gradcheck;
use nanotorch::loss::Mse;
use nanotorch::prelude::*;
use nanotorch::tensor;

#[test]
fn gradients_of_several_backwards_add_up() {
    Tape::new().record(|tape| {
        let x = tape.variable(&tensor![1.0, 2.0]);
        x.square().sum().backward().unwrap();
        (x * 3.0).sum().backward().unwrap();
        assert_eq!(x.grad(), Some(tensor![5.0, 7.0]));
        x.zero_grad();
        assert_eq!(x.grad(), None);
    });
}

#[test]
fn a_variable_used_twice_has_both_gradients() {
    Tape::new().record(|tape| {
        let x = tape.variable(&tensor![3.0]);
        let y = x.exp();
        (y * y + y * x).sum().backward().unwrap();
        let e = 3.0_f32.exp();
        let got = x.grad().unwrap()[[0]];
        assert!((got - (2.0 * e * e + 4.0 * e)).abs() < 1e-3 * got);
    });
}

#[test]
fn a_second_backward_is_an_error_unless_the_way_is_kept() {
    Tape::new().record(|tape| {
        let x = tape.variable(&tensor![2.0]);
        let loss = x.square().sum();
        loss.backward_and_keep().unwrap();
        loss.backward().unwrap();
        assert_eq!(x.grad(), Some(tensor![8.0]));
        let error = loss.backward().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the gradient has gone back through `ReduceSum` before, which has used up what was kept for it: \
             call `backward_and_keep` the first time"
        );
        // A failed backward has changed nothing.
        assert_eq!(x.grad(), Some(tensor![8.0]));
    });
}

#[test]
fn constants_have_no_gradient() {
    Tape::new().record(|tape| {
        let x = tape.variable(&tensor![2.0]);
        let c = tape.constant(&tensor![5.0]);
        assert!(!c.requires_grad() && x.requires_grad() && (c * x).requires_grad());
        let error = c.sum().backward().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the result of `ReduceSum` has no gradient: nothing that it was computed from is a variable"
        );
        (c * x).sum().backward().unwrap();
        assert_eq!((c.grad(), x.grad()), (None, Some(tensor![5.0])));
        assert!(!x.square().detach().requires_grad());
        let silent = tape.no_grad(|| x.square());
        assert!(!silent.requires_grad() && x.square().requires_grad());
        assert_eq!(silent.value(), tensor![4.0]);
    });
}

#[test]
fn losses_have_second_derivatives() {
    use nanotorch::loss::{
        BceWithLogits, CrossEntropy, DivergenceReduction, Hinge, Huber, KlDivergence, Mae, MultiClassHinge,
        Reduction, SmoothL1, SoftCrossEntropy,
    };
    let x = super::derivatives::numbers::<R3<2, 2, 3>>(5).map(|x| 2.0 * x);
    let check = Gradcheck { tolerance: 1e-5, ..Gradcheck::default() };
    macro_rules! twice {
        ($($loss:expr, $targets:expr;)*) => {
            $(
                // Of the loss itself, and of something that it is a part of.
                check.function(&x, |_, x| x.loss($loss, $targets).unwrap().gradient(x).unwrap()).unwrap();
                check.function(&x, |_, x| {
                    let part = (x * 0.5).sin().loss($loss, $targets).unwrap();
                    (part * part + x.exp().mean()).gradient(x).unwrap()
                }).unwrap();
            )*
        };
    }
    let numbers = [0.3, -1.0, 2.0, 0.7, 0.0, 1.1, -0.4, 0.9, 0.2, 1.5, -2.0, 0.6];
    let signs = [1.0, -1.0, 1.0, 1.0, -1.0, -1.0, 1.0, -1.0, 1.0, -1.0, -1.0, 1.0];
    let shares = [0.3, 0.1, 0.6, 0.7, 0.0, 0.3, 0.4, 0.4, 0.2, 1.0, 0.0, 0.0];
    twice! {
        Mse::default(), &numbers;
        Mse { reduction: Reduction::Sum }, &numbers;
        Mae::default(), &numbers;
        Huber { delta: 0.7, ..Huber::default() }, &numbers;
        SmoothL1 { beta: 0.7, reduction: Reduction::Sum }, &numbers;
        Hinge::default(), &signs;
        MultiClassHinge::default(), &[0, 2, 1, 1];
        KlDivergence { reduction: DivergenceReduction::BatchMean }, &shares;
        BceWithLogits::default(), &shares;
        BceWithLogits::default().weighted([1.0, 3.0, 0.5]), &shares;
        CrossEntropy::default(), &[0, 2, 1, 1];
        CrossEntropy { smoothing: 0.1, reduction: Reduction::Sum, ..CrossEntropy::default() }, &[0, 2, 1, 1];
        CrossEntropy { smoothing: 0.2, ..CrossEntropy::default() }.weighted([1.0, 3.0, 0.5]), &[0, 2, 1, 1];
        SoftCrossEntropy::default(), &shares;
        SoftCrossEntropy { smoothing: 0.2, ..SoftCrossEntropy::default() }.weighted([1.0, 3.0, 0.5]), &shares;
    }
}

/// A loss that has no second derivative written.
#[derive(Clone, Copy)]
struct First;

impl<S: Shape, T: Float> nanotorch::loss::Loss<S, T> for First {
    type Target = T;
    const TARGETS: usize = 1;
    fn check(&self, _: &[T]) -> Result<(), nanotorch::loss::LossError> {
        Ok(())
    }
    fn value<D: nanotorch::device::Device>(
        &self,
        _: &mut D,
        _: impl nanotorch::extent::Extent,
        x: &[T],
        _: &[T],
    ) -> T {
        x[0] * x[0]
    }
    fn gradient<D: nanotorch::device::Device>(
        &self,
        _: &mut D,
        _: impl nanotorch::extent::Extent,
        x: &[T],
        _: &[T],
        gradient: &mut [T],
    ) -> T {
        gradient.fill(T::ZERO);
        gradient[0] = x[0] + x[0];
        x[0] * x[0]
    }
}

#[test]
fn there_is_no_second_derivative_of_a_layer() {
    let net = Net::new(3);
    Tape::new().record(|tape| {
        let x = tape.variable(&Tensor::<R2<1, 3>>::ones());
        let error = tape.module(&*net, 1).forward(x).gradient(x).map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), "`Net`, which gave [1, 2], has no derivative of its derivative");
        let loss = x.loss(First, &[0.0]).unwrap();
        let error = loss.gradient(x).map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), "`Loss`, which gave [], has no derivative of its derivative");
        // A third one isn't written for any.
        let second = x.loss(Mse::default(), &[1.0, 2.0, 3.0]).unwrap().gradient(x).unwrap();
        let error = second.gradient(x).map(|_| ()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`LossGradient`, which gave [1, 3], has no derivative of its derivative"
        );
        // What doesn't depend on it has a gradient of zeros.
        let y = tape.variable(&tensor![3.0]);
        assert_eq!(y.square().gradient(x).unwrap().value(), tensor![[0.0, 0.0, 0.0]]);
    });
}

#[test]
fn a_loss_says_what_is_wrong_with_its_targets() {
    use nanotorch::loss::CrossEntropy;
    Tape::new().record(|tape| {
        let x = tape.variable(&Tensor::<R2<2, 3>>::ones());
        let error = x.loss(CrossEntropy::default(), &[0]).map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), "1 numbers aren't the targets of 2 samples, which are 2: 1 a sample");
        let error = x.loss(Mse::default(), &[0.0; 7]).map(|_| ()).unwrap_err();
        assert_eq!(error, TapeError::Targets { given: 7, each: 3, rows: 2 });
        let error = x.loss(CrossEntropy::default(), &[0, 3]).map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), "target 1 is class 3, but the prediction has 3 classes, 0 to 2");
        // What was refused isn't on the tape.
        assert_eq!(tape.history().steps().len(), 1);
    });
}

#[test]
fn the_history_can_be_walked() {
    Tape::new().record(|tape| {
        let (x, w) = (tape.variable(&tensor![[1.0, 2.0]]), tape.variable(&tensor![[3.0], [4.0]]));
        let y = x.matmul(&w).relu() + tape.constant(&tensor![1.0]);
        let history = y.history();
        let add = history.root().unwrap();
        assert_eq!((add.op, add.parents().len()), ("Add", 2));
        let parents: Vec<_> = history.parents(add).map(|step| step.op).collect();
        assert_eq!(parents, ["Relu", "constant"]);
        let operations: Vec<_> = history.steps().iter().map(|step| step.op).collect();
        assert_eq!(operations, ["variable", "variable", "MatMul", "Relu", "constant", "Add"]);
        assert_eq!(y.op(), "Add");
        let tree = "Add [1, 1]\n├─ Relu [1, 1]\n│  └─ MatMul [1, 1]\n│     ├─ variable [1, 2] #0\n\
                    │     └─ variable [2, 1] #1\n└─ constant [1] #4\n";
        assert_eq!(history.to_string(), tree);
        let dot = history.dot().to_string();
        assert!(dot.starts_with("digraph tape {") && dot.contains("n2 [label=\"MatMul\\n[1, 1]\""), "{dot}");
    });
}

#[model(input = [3])]
struct Net {
    hidden: Linear<3, 5>,
    tanh: Tanh,
    head: Linear<5, 2>,
}

#[test]
fn a_model_on_a_tape_has_the_gradients_of_its_own_backward() {
    use nanotorch::run::Training;
    let net = Net::new(3);
    let inputs = Tensor::<R2<4, 3>>::normal(1);
    let targets = Tensor::<R2<4, 2>>::normal(2);
    let mut training = Training::<Net, Const<4>>::new(1);
    let expected = training.gradients(&net, &Mse::default(), inputs.as_slice(), targets.as_slice()).unwrap();
    Tape::new().record(|tape| {
        let called = tape.module(&*net, 1);
        let x = tape.variable(&inputs);
        let y: Var<'_, R2<4, 2>> = called.forward(x);
        let loss = y.loss(Mse::default(), targets.as_slice()).unwrap();
        assert_eq!(loss.item(), expected);
        loss.backward().unwrap();
        assert_eq!(called.grad().unwrap().hidden.weight, training.gradient().hidden.weight);
        assert_eq!(called.grad().unwrap().head.bias, training.gradient().head.bias);
        assert!(x.grad().unwrap().iter().any(|&x| x != 0.0));
        // The same written with operations.
        let (w, v) = (Tensor::from(net.hidden.weight), Tensor::from(net.head.weight));
        let (b, c) = (Tensor::from(net.hidden.bias), Tensor::from(net.head.bias));
        let hidden = (x.matmul(&tape.constant(&w).transpose()) + tape.constant(&b)).tanh();
        let by_hand = hidden.matmul(&tape.constant(&v).transpose()) + tape.constant(&c);
        for (a, b) in by_hand.value().iter().zip(&y.value()) {
            assert!((a - b).abs() < 1e-5);
        }
    });
}

//! A model of 100 MB is made, trained a step and dropped on a thread's ordinary stack, in a debug build too.

use nanotorch::loss::Mse;
use nanotorch::optimizer::Sgd;
use nanotorch::prelude::*;
use nanotorch::run::Training;

const WIDTH: usize = 2_500;

#[model(input = [WIDTH])]
struct Wide {
    fc1: Linear<WIDTH, WIDTH>,
    relu1: Relu,
    fc2: Linear<WIDTH, WIDTH>,
    relu2: Relu,
    fc3: Linear<WIDTH, WIDTH>,
    relu3: Relu,
    fc4: Linear<WIDTH, WIDTH>,
}

const _: () = assert!(size_of::<Wide>() > 100_000_000);

#[test]
fn a_large_model_never_lies_on_the_stack() {
    let mut model = Wide::new(1);
    let mut training = Training::<Wide, Const<1>>::new(1);
    let mut optimizer = Sgd::new(0.1).build::<Wide>();
    let before = model.fc4.bias[0];
    let loss = training.step(&mut model, &mut optimizer, &Mse::default(), &[0.5; WIDTH], &[1.0; WIDTH]);
    assert!(loss.is_ok_and(f32::is_finite));
    assert_ne!(model.fc4.bias[0], before);
    let copy = model.boxed_copy();
    assert_eq!(copy.fc1.weight[WIDTH - 1], model.fc1.weight[WIDTH - 1]);
}

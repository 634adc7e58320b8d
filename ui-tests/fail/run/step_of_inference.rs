// An `Inference` is asked to train.
// errors: 1
use nanotorch::loss::Mse;
use nanotorch::optimizer::Sgd;
use nanotorch::prelude::*;
use nanotorch::run::Inference;

#[model(input = [2])]
pub struct Net {
    fc: Linear<2, 3>,
}

fn main() {
    let mut net = Net::new(1);
    let mut inference = Inference::<Net, Const<1>>::new();
    let mut optimizer = Sgd::new(0.1).build::<Net>();
    let _ = inference.step(&mut net, &mut optimizer, &Mse::default(), &[0.0, 1.0], &[1.0, 0.0, 0.0]);
}

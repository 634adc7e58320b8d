// Inputs in double precision.
// errors: 1
use nanotorch::prelude::*;
use nanotorch::run::Inference;

#[model(input = [2])]
pub struct Net {
    fc: Linear<2, 3>,
}

fn main() {
    let net = Net::new(1);
    let inputs: [f64; 2] = [0.0, 1.0];
    let mut inference = Inference::<Net, Const<1>>::new();
    let _ = inference.run(&net, &inputs);
}

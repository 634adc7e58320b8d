// Inputs that are whole numbers.
// errors: 1
use nanotorch::prelude::*;
use nanotorch::run::Inference;

#[model(input = [2])]
pub struct Net {
    fc: Linear<2, 3>,
}

fn main() {
    let net = Net::new(1);
    let mut inference = Inference::<Net, Const<1>>::new();
    let _ = inference.run(&net, &[0, 1]);
}

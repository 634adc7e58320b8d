// A model in f64 with the memory of one in f32.
// errors: 1
use nanotorch::prelude::*;
use nanotorch::run::Inference;

#[model(input = [2])]
pub struct Net {
    fc: Linear<2, 3>,
}

fn main() {
    let net = nanotorch::model::new::<Net<f64>>(1);
    let mut inference = Inference::<Net, Const<1>>::new();
    let _ = inference.run(&net, &[0.0, 1.0]);
}

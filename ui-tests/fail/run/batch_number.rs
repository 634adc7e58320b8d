// A number instead of a batch.
// errors: 1
use nanotorch::prelude::*;
use nanotorch::run::Inference;

#[model(input = [2])]
pub struct Net {
    fc: Linear<2, 3>,
}

fn main() {
    let mut inference = Inference::<Net, 16>::new();
    let _ = inference.run(&Net::new(1), &[0.0, 1.0]);
}

// A `Training` is asked to infer.
// errors: 1
use nanotorch::prelude::*;
use nanotorch::run::Training;

#[model(input = [2])]
pub struct Net {
    fc: Linear<2, 3>,
}

fn main() {
    let net = Net::new(1);
    let mut training = Training::<Net, Const<1>>::new(7);
    let _ = training.run(&net, &[0.0, 1.0]);
}

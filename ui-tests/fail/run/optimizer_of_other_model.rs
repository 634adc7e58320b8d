// The optimizer of another model.
// errors: 1
use nanotorch::loss::Mse;
use nanotorch::optimizer::Sgd;
use nanotorch::prelude::*;
use nanotorch::run::Training;

#[model(input = [2])]
pub struct Net {
    fc: Linear<2, 3>,
}

#[model(input = [2])]
pub struct Other {
    fc: Linear<2, 3>,
}

fn main() {
    let mut net = Net::new(1);
    let mut training = Training::<Net, UpTo<4>>::new(7);
    let mut optimizer = Sgd::new(0.1).build::<Other>();
    let _ = training.step(&mut net, &mut optimizer, &Mse::default(), &[0.0, 1.0], &[1.0, 0.0, 0.0]);
}

// A loss of numbers is given classes.
// errors: 1
use nanotorch::loss::Mse;
use nanotorch::optimizer::Sgd;
use nanotorch::prelude::*;
use nanotorch::run::Training;

#[model(input = [2])]
pub struct Net {
    fc: Linear<2, 3>,
}

fn main() {
    let mut net = Net::new(1);
    let mut training = Training::<Net, UpTo<4>>::new(7);
    let mut optimizer = Sgd::new(0.1).build::<Net>();
    let _ = training.step(&mut net, &mut optimizer, &Mse::default(), &[0.0, 1.0], &[1u32]);
}

// The memory of another model.
// errors: 1
use nanotorch::loss::Mse;
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
    let net = Net::new(1);
    let mut training = Training::<Other, UpTo<4>>::new(7);
    let _ = training.gradients(&net, &Mse::default(), &[0.0, 1.0], &[1.0, 0.0, 0.0]);
}

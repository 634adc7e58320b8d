// The gradient of a frozen field.
// errors: 1
use nanotorch::loss::Mse;
use nanotorch::prelude::*;
use nanotorch::run::Training;

#[model(input = [2])]
pub struct Net {
    #[frozen]
    trunk: Linear<2, 4>,
    head: Linear<4, 3>,
}

fn main() {
    let net = Net::new(1);
    let mut training = Training::<Net, UpTo<4>>::new(7);
    let _ = training.gradients(&net, &Mse::default(), &[0.0, 1.0], &[1.0, 0.0, 0.0]);
    println!("{}", training.gradient().trunk.weight[0][0]);
}

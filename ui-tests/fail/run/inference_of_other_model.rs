// The memory of another model.
// errors: 1
use nanotorch::prelude::*;
use nanotorch::run::Inference;

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
    let mut inference = Inference::<Other, UpTo<4>>::new();
    let _ = inference.run(&net, &[0.0, 1.0]);
}

// A model without an input can not infer.
// errors: 1
use nanotorch::prelude::*;
use nanotorch::run::Inference;

#[model]
pub struct Net {
    fc: Linear<2, 3>,
}

fn main() {
    let _ = Inference::<Net, UpTo<4>>::new();
}

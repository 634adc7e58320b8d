// A generic model that only functions use, with the line that has it checked.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4])]
pub struct Net<const H: usize> {
    fc1: Linear<4, 8>,
    relu: Relu,
    fc2: Linear<H, 2>,
}

const _: () = Net::<9>::CHECKED;

fn main() {
    let net = Net::<9>::new(1);
    let mut inference = Inference::<Net<9>, Const<1>>::new();
    let _ = inference.run(&net, &[0.0; 4]);
}

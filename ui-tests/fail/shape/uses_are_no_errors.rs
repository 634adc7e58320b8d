// A wrong model that is used: the mistake is still the only error.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4])]
pub struct Net {
    fc: Linear<5, 2>,
}

const BYTES: usize = Net::TRAIN_BYTES + Net::INFER_BYTES + Net::FLOPS + Net::PARAMS;

fn main() {
    let net = Net::new(1);
    println!("{} {} {:?}", BYTES, net.fc.bias[0], Net::OUTPUT);
}

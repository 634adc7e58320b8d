// A model without a seed.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [2])]
pub struct Net {
    fc: Linear<2, 3>,
}

fn main() {
    let net = Net::new();
    println!("{}", net.fc.bias[0]);
}

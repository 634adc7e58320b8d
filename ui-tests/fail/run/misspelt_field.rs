// A field of the model that is not there.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [2])]
pub struct Net {
    fc: Linear<2, 3>,
}

fn main() {
    let net = Net::new(1);
    println!("{}", net.fc1.bias[0]);
}

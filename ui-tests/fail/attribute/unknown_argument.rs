// A misspelt argument, with the nearest one.
// errors: 1
use nanotorch::prelude::*;

#[model(inputs = [4])]
pub struct Net {
    fc: Linear<4, 2>,
}

fn main() {
    let net = Net::new(1);
    println!("{} {}", net.fc.bias[0], Net::TRAIN_BYTES);
}

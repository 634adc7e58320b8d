// A model that says `forward`, and no function.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 2>,
}

fn main() {
    let net = Net::new(1);
    println!("{} {}", net.fc.bias[0], Net::TRAIN_BYTES);
}

// A parameter in a model without a forward function.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8])]
pub struct Net {
    fc: Linear<8, 8>,
    scale: Param<R1<8>, Ones>,
}

fn main() {}

// A fact that needs an input, of a model without one.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Net {
    fc: Linear<2, 3>,
}

const _: () = assert!(Net::TRAIN_BYTES < 65536);

fn main() {}

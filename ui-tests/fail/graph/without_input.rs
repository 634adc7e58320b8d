// A model without an input can't be trained.
// errors: 1
use nanotorch::prelude::*;

use nanotorch::run::Training;

#[model]
pub struct Net {
    fc: Linear<784, 10>,
}

fn main() {
    let _ = Training::<Net, UpTo<4>>::new(1);
}

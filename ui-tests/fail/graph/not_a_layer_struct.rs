// A struct of the user's own that is no layer.
// errors: 1
use nanotorch::prelude::*;

pub struct Settings {
    pub width: usize,
}

#[model(input = [4])]
pub struct Net {
    settings: Settings,
    fc: Linear<4, 2>,
}

fn main() {}

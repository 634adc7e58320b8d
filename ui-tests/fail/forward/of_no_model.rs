// `#[forward]` for a struct that is no model.
// errors: 1
use nanotorch::prelude::*;

pub struct Net {
    pub width: usize,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        x.relu()
    }
}

fn main() {}

// An enum is no model.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4])]
pub enum Net {
    First,
}

pub fn size() -> usize {
    Net::PARAMS
}

fn main() {}

// A function is no model.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4])]
pub fn net() {}

fn main() {
    net();
}

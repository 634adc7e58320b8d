// A model has fields.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4])]
pub struct Net;

fn main() {}

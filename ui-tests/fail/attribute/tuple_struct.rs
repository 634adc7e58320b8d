// Fields need names.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4])]
pub struct Net(Linear<4, 2>);

fn main() {}

// The name of the type of numbers is taken.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Net<T: Module> {
    act: T,
}

fn main() {}

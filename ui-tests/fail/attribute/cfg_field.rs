// A field that is there in some builds only.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8])]
pub struct Net {
    #[cfg(feature = "wide")]
    wide: Linear<8, 16>,
    fc: Linear<8, 2>,
}

fn main() {}

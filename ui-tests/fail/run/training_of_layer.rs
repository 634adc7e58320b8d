// A layer instead of a model.
// errors: 1
use nanotorch::prelude::*;
use nanotorch::run::Training;

fn main() {
    let _ = Training::<Linear<2, 3>, UpTo<4>>::new(1);
}

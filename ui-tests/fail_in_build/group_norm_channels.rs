//! Groups that don't divide the channels.
use nanotorch::prelude::*;

fn main() {
    let _ = Tensor::<R3<2, 5, 4>>::ones().group_norm::<2>(1e-5);
}

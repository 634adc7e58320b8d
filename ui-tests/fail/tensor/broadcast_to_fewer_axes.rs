//! A broadcast to a shape with fewer axes.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let table = Tensor::<R2<2, 3>>::ones();
    let _ = table.broadcast::<R1<3>>();
}

//! Tables with rows of different lengths, one below the other.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let (a, b) = (Tensor::<R2<2, 3>>::ones(), Tensor::<R2<2, 4>>::ones());
    let _: Tensor<R2<4, 3>> = a.concat::<0, _, _>(&b);
}

//! Two rows and three rows as a shape of six.
use nanotorch::prelude::*;

fn main() {
    let (a, b) = (Tensor::<R2<2, 3>>::ones(), Tensor::<R2<3, 3>>::ones());
    let _: Tensor<R2<6, 3>> = a.concat::<0, _, _>(&b);
}

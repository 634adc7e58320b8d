//! The broadcasts, joins and ranges that are right.

use nanotorch::prelude::*;

fn main() {
    let (row, table) = (Tensor::<R2<1, 3>>::ones(), Tensor::<R2<2, 3>>::ones());
    let mut sum = &table + &row;
    sum += &row;
    sum += Tensor::<R1<3>>::ones();
    assert_eq!(sum, Tensor::full(4.0));
    let joined: Tensor<R2<3, 3>> = table.concat::<0, _, _>(&row);
    let part: Tensor<R2<2, 3>> = joined.slice::<0, 1, 3, _>();
    let columns: Tensor<R2<2, 1>> = part.chunk::<1, 0, 3, _>();
    let turned: Tensor<R2<3, 2>> = part.permute::<R2<1, 0>>();
    let product: Tensor<R2<3, 1>> = einsum!("ij,jk->ik", turned, columns);
    assert_eq!(product, Tensor::full(2.0));
}

//! The same on a tape.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    Tape::new().record(|tape| {
        let a = tape.variable(&Tensor::<R2<2, 3>>::ones());
        let b = tape.variable(&Tensor::<R3<8, 2, 3>>::ones());
        let _ = a.matmul(&b);
    });
}

//! Variables whose lengths are neither equal nor 1.
use nanotorch::prelude::*;

fn main() {
    Tape::new().record(|tape| {
        let x = tape.variable(&Tensor::<R2<2, 3>>::ones());
        let y = tape.variable(&Tensor::<R1<2>>::ones());
        let _ = x * y;
    });
}

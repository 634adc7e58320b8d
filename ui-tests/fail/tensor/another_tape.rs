//! Variables of two tapes.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let x = Tensor::<R1<3>>::ones();
    Tape::new().record(|one| {
        let a = one.variable(&x);
        Tape::new().record(|other| {
            let _ = a * other.variable(&x);
        });
    });
}

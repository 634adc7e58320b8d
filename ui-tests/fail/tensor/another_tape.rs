//! Variables of two tapes: each is told that it isn't of the other's.
// errors: 2
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

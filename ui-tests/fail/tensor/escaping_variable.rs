//! A variable that outlives its recording.
// errors: 1
use nanotorch::prelude::*;

fn main() {
    let mut tape = Tape::<f32>::new();
    let _ = tape.record(|tape| tape.variable(&Tensor::<R1<3>>::ones()));
}

use nanotorch::{
    loss::Mse,
    optimizer::Sgd,
    prelude::*,
    run::{Inference, Training},
};

/// One step, and one answer.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (inputs, targets) = ([0.5; 8 * 256], [0.25; 8 * 256]);
    let mut net = Net::new(1);
    // What it is set to is hidden from the compiler, which would leave out of the small program what it isn't set to do.
    let mut optimizer = std::hint::black_box(Sgd::new(0.1)).build::<Net>();
    let mut training = Training::<Net, Const<8>>::new(7);
    let loss = training.step(&mut net, &mut optimizer, &Mse::default(), &inputs, &targets)?;
    let mut inference = Inference::<Net, Const<8>>::new();
    let output = inference.run(&net, &inputs)?;
    println!("loss {loss}, first output {}", output[0]);
    Ok(())
}

// A mistake in the attribute of a model that is used all over the program.
// errors: 1
use nanotorch::prelude::*;

#[model(inputt = [4])]
pub struct Net {
    fc: Linear<4, 2>,
}

const _: () = assert!(Net::PARAMS == 10 && Net::FLOPS > 0 && Net::train_bytes(4) > Net::TRAIN_BYTES);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{}\n{}", Net::summary(), Net::explain());
    let mut net = Net::new(1);
    net.fc.bias[0] = 1.0;
    let set: Dataset<R1<4>> = Dataset::from_rows([[0.0; 4]], [0])?;
    let mut training = Training::<Net, UpTo<2>>::new(7);
    let mut optimizer = AdamW::new(1e-3).build::<Net>();
    let mut batches = set.batches::<2>(7);
    while let Some(batch) = batches.next_batch() {
        training.step(&mut net, &mut optimizer, &CrossEntropy::default(), batch.inputs, batch.targets)?;
    }
    let mut inference = Inference::<Net, Const<1>>::new();
    println!("{:?}", inference.run(&net, &[0.0; 4])?);
    checkpoint::save(&*net, "net.safetensors")?;
    Ok(())
}

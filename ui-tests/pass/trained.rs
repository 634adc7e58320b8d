// A model is built and its facts are read.
use nanotorch::prelude::*;

#[model(input = [784], batch = 64)]
struct Net {
    fc1: Linear<784, 128>,
    relu: Relu,
    fc2: Linear<128, 10>,
}

const _: () = assert!(Net::PARAMS == 784 * 128 + 128 + 128 * 10 + 10);
const _: () = assert!(Net::TRAIN_BYTES > Net::INFER_BYTES);

fn main() {
    let net = Net::new(1);
    assert_eq!(net.values().len(), Net::PARAMS);
    assert_eq!((Net::INPUT, Net::OUTPUT), (&[784][..], &[10][..]));
}

//! Trial.
use nanotorch::prelude::*;
/// Net.
#[model(input = [4], batch = 32)]
pub struct Net {
    fc1: Linear<4, 16>,
    tanh1: Tanh,
    fc2: Linear<16, 16>,
    tanh2: Tanh,
    head: Linear<16, 2>,
}
/// Block.
#[model]
pub struct Block<const D: usize, A: Module> {
    fc: Linear<D, D>,
    act: A,
}
/// Deep.
#[model(input = [1, 4, 4])]
pub struct Deep {
    flatten: Flatten,
    fc1: Linear<16, 8>,
    blocks: [Block<8, Relu>; 3],
    drop: Dropout<20>,
    #[frozen]
    gelu: Block<8, Gelu>,
    head: Linear<8, 3, NoBias>,
}
const _: () = assert!(Net::PARAMS == 80 + 272 + 34);
fn main() {
    let net = Net::new(1);
    println!("{} {} {} {:?}", Net::PARAMS, Net::TRAIN_BYTES, Net::INFER_BYTES, Net::OUTPUT);
    println!("{} {} {} {:?}", Deep::PARAMS, Deep::TRAIN_BYTES, Deep::INFER_BYTES, Deep::OUTPUT);
    nanotorch::model::for_each_parameter::<Deep>(|p| {
        println!("{} {:?} {:?} {:?}", p.path, p.dims, p.offset, p.role)
    });
    println!("{:?}", net.head.bias);
    println!("{}", Deep::summary());
}

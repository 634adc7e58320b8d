// Models that are generic over lengths and layers, nested, repeated, and named by an alias.
#![deny(warnings)]
use nanotorch::prelude::*;

#[model]
struct Block<const D: usize, A: Module> {
    fc: Linear<D, D>,
    act: A,
}

#[model]
struct Pair<A, B>
where
    A: Module,
    B: Module,
{
    first: A,
    second: [B; 2],
}

trait Activation: Module {}
impl<O: nanotorch::op::Unary, T: Float> Activation for nanotorch::layer::Elementwise<O, T> {}

#[model]
struct Activated<const D: usize, A: Activation> {
    rows: [[Linear<D, D>; 2]; 2],
    act: A,
    more: [A; 2],
}

#[model(input = [D])]
struct Head<const D: usize> {
    fc: Linear<D, 2>,
}

type Wide = Block<8, Tanh>;

#[model(input = [2, 2, 2])]
struct Net {
    flatten: Flatten,
    block: Block<8, Relu>,
    pair: Pair<Wide, Wide>,
    activated: Activated<8, Gelu>,
    blocks: [Block<8, Pair<Relu, Tanh>>; 3],
    head: Head<8>,
}

fn main() {
    let block = 8 * 8 + 8;
    assert_eq!(Net::PARAMS, block * (1 + 3 + 4 + 3) + 8 * 2 + 2);
    assert_eq!(Head::<5>::PARAMS, 12);
    assert_eq!(Head::<5>::INPUT, [5]);
    let net = Net::new(7);
    assert_eq!(net.pair.second[1].fc.bias, net.values()[block * 4 - 8..block * 4]);
}

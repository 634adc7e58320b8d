//! The derived program as text: what `Net::explain()` says of models of every kind, word for word.

use nanotorch::prelude::*;

/// Two layers and what is done in place between them.
#[model(input = [4])]
struct Sequential {
    hidden: Linear<4, 16>,
    tanh: Tanh,
    head: Linear<16, 2, NoBias>,
}

/// A residual whose branch is gated, with a frozen layer, one that is used twice, and a parameter of its own.
#[model(input = [3, 8], forward)]
struct Gated {
    #[frozen]
    embed: Linear<8, 8>,
    mix: Linear<8, 8>,
    scale: Param<R1<8>, Ones>,
}

#[forward]
impl Gated {
    fn forward(&self, x: Edge) -> Edge {
        let e = self.embed.forward(x);
        let gate = self.mix.forward(e).sigmoid();
        let again = self.mix.forward(gate * e);
        let h = e + again * self.scale;
        (h * 0.5).slice(0, 1..3).powi(2)
    }
}

/// Two inputs and two outputs, whose shapes are open.
#[model(forward)]
struct Pair {
    a: Linear<4, 3>,
    b: Linear<4, 2>,
}

#[forward]
impl Pair {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        (self.a.forward(x), self.b.forward(y))
    }
}

/// Several edges in one, taken apart and put together again.
#[model(input = [4], forward)]
struct Heads {
    pair: Pair,
    head: Linear<3, 2>,
}

#[forward]
impl Heads {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        let (a, b) = self.pair.forward(x, x.relu());
        let (first, second) = self.head.forward(a).split(2, 0);
        (first * b, second)
    }
}

fn assert_reads(program: &nanotorch::model::program::Program, expected: &str) {
    let program = program.to_string();
    assert!(program == expected, "the program is now:\n{program}");
}

#[test]
fn a_sequential_model() {
    assert_reads(&Sequential::explain(), include_str!("../golden/program/sequential.txt"));
}

#[test]
fn a_forward_function() {
    assert_reads(&Gated::explain(), include_str!("../golden/program/gated.txt"));
}

#[test]
fn several_inputs_and_outputs() {
    assert_reads(&Heads::explain(), include_str!("../golden/program/heads.txt"));
}

/// What constants write is what is printed, and too little room is no harm.
#[test]
fn constants_write_the_same() {
    const LENGTH: usize = Gated::explain().write(&mut []);
    const BYTES: [u8; LENGTH] = {
        let mut bytes = [0; LENGTH];
        Gated::explain().write(&mut bytes);
        bytes
    };
    let printed = Gated::explain().to_string();
    assert_eq!(core::str::from_utf8(&BYTES), Ok(&*printed));
    let mut little = [0; 10];
    assert_eq!(Gated::explain().write(&mut little), LENGTH);
    assert_eq!(little, printed.as_bytes()[..10]);
}

// Models inside of functions, of blocks and of macros.
#![deny(warnings)]
use nanotorch::prelude::*;

macro_rules! network {
    ($name:ident, $features:literal, $hidden:expr, $act:ty) => {
        #[model(input = [$features])]
        struct $name {
            fc1: Linear<$features, { $hidden }>,
            act: $act,
            fc2: Linear<{ $hidden }, 2>,
        }
    };
}

network!(Small, 4, 8, Relu);
network!(Large, 4, 8 * 8, Tanh);

fn inside() -> usize {
    const FEATURES: usize = 5;
    type Act = Gelu;
    #[model(input = [FEATURES])]
    struct Net {
        fc: Linear<FEATURES, 3>,
        act: Act,
    }
    Net::new(3).values().len()
}

fn main() {
    assert_eq!(inside(), 18);
    assert_eq!((Small::PARAMS, Large::PARAMS), (58, 450));
    let closure = || {
        #[model(input = [2])]
        struct Net {
            fc: nanotorch::layer::Linear<2, { usize::MAX.count_ones() as usize / usize::BITS as usize }>,
        }
        Net::PARAMS
    };
    assert_eq!(closure(), 3);
}

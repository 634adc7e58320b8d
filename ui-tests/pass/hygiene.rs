// Names of the user's own that are also names of the standard library, of nanotorch or of the expansion.
#![deny(warnings)]
#![allow(dead_code, unused_macros, reason = "they are only in the way")]

mod shadowed {
    use ::nanotorch::prelude::{Flatten, Linear, Module, Relu};

    pub struct Option;
    pub struct Result;
    pub struct Some;
    pub struct None;
    pub struct Box;
    pub struct Vec;
    pub struct String;
    pub struct Sized;
    pub struct Memory;
    pub struct Backward;
    pub struct Fit;
    pub struct Text;
    pub struct Frame;
    pub struct Edge1;
    pub struct Layer;
    pub trait Default {}
    pub trait Fn {}
    pub type T = u8;
    pub const N: usize = 3;
    pub mod core {}
    pub mod std {}
    pub mod alloc {}
    pub mod model {}
    pub mod shape {}
    pub mod nanotorch {}

    macro_rules! assert {
        ($($any:tt)*) => {
            compile_error!("not this one")
        };
    }
    macro_rules! panic {
        ($($any:tt)*) => {
            compile_error!("not this one")
        };
    }
    macro_rules! vec {
        () => {};
    }

    #[::nanotorch::model]
    pub struct Chain<const I: usize, const P: usize, const U: usize, M: Module> {
        pass: Linear<I, P>,
        memory: Linear<P, U>,
        x: M,
    }

    #[::nanotorch::model(input = [2, 3])]
    pub struct Net {
        random: Flatten,
        gradient: Chain<6, 4, N, Relu>,
        r#type: Linear<3, 2>,
        plan: Relu,
        frame: Relu,
        edges: Relu,
        y: Relu,
        rows: [Relu; 1 + 1],
        walk: Linear<2, 2>,
        path: Linear<2, 1>,
    }
}

fn main() {
    let net = shadowed::Net::new(1);
    let mut names = Vec::new();
    nanotorch::model::for_each_parameter::<shadowed::Net>(|parameter| names.push(parameter.path.to_string()));
    assert!(names.contains(&"type.weight".to_string()), "{names:?}");
    assert_eq!(nanotorch::model::Parameters::values(&*net).len(), shadowed::Net::PARAMS);
}

//! A crate that documents everything, forbids unsafe code and allows no warning.
#![deny(missing_docs, warnings, unreachable_pub, single_use_lifetimes)]
#![deny(
    unused_qualifications,
    unused_lifetimes,
    non_ascii_idents,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements
)]
#![forbid(unsafe_code)]

use nanotorch::prelude::*;

pub mod net {
    //! A model for others.
    use nanotorch::prelude::*;

    /// A block.
    #[model]
    pub struct Block<const D: usize> {
        /// The matrix.
        pub fc: Linear<D, D>,
        act: Relu,
    }

    /// A model.
    #[must_use]
    #[model(input = [4], batch = 8)]
    pub struct Net {
        /// First.
        pub fc1: Linear<4, 8>,
        /// Then.
        pub(crate) block: Block<8>,
        #[frozen]
        last: Linear<8, 2>,
    }
}

#[model(input = [4])]
struct Private {
    fc: Linear<4, 2>,
}

#[model(input = [4])]
pub(crate) struct OfTheCrate {
    pub(crate) fc: Linear<4, 2>,
}

fn main() {
    let net = net::Net::new(1);
    assert_eq!(net.block.fc.bias.len(), 8);
    assert!(Private::new(1).values()[0] == OfTheCrate::new(1).fc.weight[0][0]);
}

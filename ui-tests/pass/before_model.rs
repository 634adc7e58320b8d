//! A forward function may stand above its model, in modules and in functions.

use nanotorch::prelude::*;

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.head.forward(self.block.forward(x))
    }
}

#[model(input = [4], forward)]
pub struct Net {
    block: parts::Block<4>,
    head: Linear<4, 2>,
}

mod parts {
    use nanotorch::prelude::*;

    #[forward]
    impl<const D: usize> Block<D> {
        fn forward(&self, x: Edge) -> Edge {
            x + self.fc.forward(x).relu()
        }
    }

    #[model(forward)]
    pub struct Block<const D: usize> {
        pub fc: Linear<D, D>,
    }
}

fn main() {
    #[forward]
    impl Inner {
        fn forward(&self, x: Edge) -> Edge {
            -self.fc.forward(x)
        }
    }

    #[model(input = [3], forward)]
    struct Inner {
        fc: Linear<3, 3>,
    }
    assert_eq!((Net::PARAMS, Inner::PARAMS), (4 * 4 + 4 + 4 * 2 + 2, 3 * 3 + 3));
    assert_eq!(Net::new(1).block.fc.bias.len(), 4);
}

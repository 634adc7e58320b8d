// The function stands in another module than its model.
// errors: 1
use nanotorch::prelude::*;

mod models {
    use nanotorch::prelude::*;

    #[model(input = [4], forward)]
    pub struct Net {
        fc: Linear<4, 2>,
    }
}

#[forward]
impl models::Net {
    fn forward(&self, x: Edge) -> Edge {
        self.fc.forward(x)
    }
}

fn main() {
    let _ = models::Net::new(1);
}

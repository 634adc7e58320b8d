// Numbers in a forward function, in all forms that Rust has for them: each is known to the compiler.
#![deny(warnings)]
use nanotorch::prelude::*;

const HALF: f32 = 0.5;

#[model(input = [4], forward)]
struct Net<const D: usize> {
    fc: Linear<4, D>,
}

#[forward]
impl<const D: usize> Net<D> {
    fn forward(&self, x: Edge) -> Edge {
        let k = 2.0;
        let root: f64 = k.sqrt() * f64::sqrt(k) / (D as f64).sqrt();
        let h = self.fc.forward(x) * root.max(0.0) * HALF;
        h * 2 - f64::from(HALF) * h / 4u8 + core::f64::consts::LN_2.exp()
    }
}

fn main() {
    let mut net = Net::<9>::new(1);
    net.values_mut().fill(0.25);
    let mut inference = Inference::<Net<9>, Const<1>>::new();
    // h = (4 * 0.25 + 0.25) * 2 / 3 * 0.5, then 2 h - h / 8 + 2.
    let h = 1.25 / 3.0;
    for y in inference.run(&net, &[1.0; 4]).unwrap() {
        assert!((y - (2.0 * h - h / 8.0 + 2.0)).abs() < 1e-6, "{y}");
    }
}

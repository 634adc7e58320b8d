//! One neuron on a tape: its value, its gradients, how it came about as a tree and as a graph, and its curvature.
//!
//! ```text
//! cargo run --example tape --features tape
//! cargo run --example tape --features tape | sed -n '/^digraph/,/^}/p' | dot -Tsvg > neuron.svg
//! ```

use nanotorch::prelude::*;
use nanotorch::tensor;

fn main() -> Result<(), TapeError> {
    Tape::new().record(|tape| {
        let x = tape.constant(&tensor![2.0, 0.0]);
        let w = tape.variable(&tensor![-3.0, 1.0]);
        let b = tape.variable(&tensor![6.881_373_6]);
        let y = (x.dot(&w) + b).tanh().sum();

        println!("y = {}\n", y.value());
        println!("{}", y.history());
        println!("{}", y.history().dot());

        y.backward_and_keep()?;
        for (name, gradient) in
            [("w", w.grad().map(|g| g.to_string())), ("b", b.grad().map(|g| g.to_string()))]
        {
            println!("dy/d{name} = {}", gradient.unwrap_or_default());
        }

        // A gradient that is a variable itself: the curvature along w.
        let slope = y.gradient(w)?;
        println!("d²y/dw² = {}", slope.gradient(w)?.value());
        Ok(())
    })
}

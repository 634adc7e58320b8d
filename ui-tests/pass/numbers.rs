// The same model in f64, and a model within a generic function.
#![deny(warnings)]
use nanotorch::model::convert;
use nanotorch::prelude::*;

#[model(input = [4])]
struct Net {
    fc: Linear<4, 2>,
    #[frozen]
    head: Linear<2, 2, NoBias>,
}

fn count<M: Model>(model: &M) -> (usize, usize) {
    (model.values().len(), <M::Input as Shape>::LEN)
}

fn main() {
    let net = Net::new(1);
    let mut twin = nanotorch::model::new::<Net<f64>>(2);
    convert(&*net, &mut *twin);
    assert_eq!(f64::from(net.fc.bias[1]), twin.fc.bias[1]);
    assert_eq!(count(&*net), count(&*twin));
    assert_eq!(size_of::<Net>(), 4 * Net::PARAMS);
    assert_eq!(size_of::<Net<f64>>(), 8 * Net::PARAMS);
    assert_eq!(size_of::<NetGradient>(), 4 * 10);
    let copy: Box<Net> = net.boxed_copy();
    assert_eq!(copy.values(), net.values());
}

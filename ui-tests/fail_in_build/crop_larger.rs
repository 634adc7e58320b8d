//! A crop that is larger than the image.
use nanotorch::prelude::*;

fn main() {
    let images: data::Dataset<R2<8, 8>> = data::Dataset::new(vec![0.0; 64], vec![0]).unwrap();
    let _ = images.augmented(&data::Crop::<R2<9, 8>>::random(), 1);
}

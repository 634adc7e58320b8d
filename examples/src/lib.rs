//! What the examples share: the digits, the command line, and how an image looks in a terminal.

use nanotorch::data::{DataError, digits};
use nanotorch::prelude::*;

/// The 1,797 digits of 8 x 8 pixels that scikit-learn ships, four fifths to learn from and the rest to be tested with.
///
/// # Errors
/// The file isn't what it should be, or the shape hasn't 64 numbers.
pub fn digits<S: Shape>(seed: u64) -> Result<(Dataset<S>, Dataset<S>), DataError> {
    let (training, test) = split_digits(seed)?;
    let shaped = |set: Dataset<R1<64>>| Dataset::new(set.inputs().to_vec(), set.targets().to_vec());
    Ok((shaped(training)?, shaped(test)?))
}

/// The same in one shape, and so compiled once for all examples.
fn split_digits(seed: u64) -> Result<(Dataset<R1<64>>, Dataset<R1<64>>), DataError> {
    let all: Dataset<R1<64>> = digits::read(&include_bytes!("../data/digits.csv.gz")[..])?;
    Ok(all.split(0.8, seed))
}

/// Whether `--smoke` is on the command line: just enough work to see that the example runs.
pub fn smoke() -> bool {
    std::env::args().any(|argument| argument == "--smoke")
}

/// Prints images (of `height * width` numbers from 0 to 1) side by side, and under each its caption.
///
/// Of large images a cell, two columns wide, is the mean of 2 x 2 pixels.
pub fn draw(height: usize, width: usize, images: &[&[f32]], captions: &[String]) {
    const SHADES: [&str; 5] = ["  ", "░░", "▒▒", "▓▓", "██"];
    let cell = if width > 16 { 2 } else { 1 };
    let columns = 2 * (width / cell);
    for row in (0..height).step_by(cell) {
        for image in images {
            let ink = |column: usize| -> f32 {
                let pixels = (row..row + cell).map(|row| &image[row * width + column..][..cell]);
                pixels.flatten().sum::<f32>() / (cell * cell) as f32
            };
            let shade = |column| SHADES[(ink(column) * 4.0).round().clamp(0.0, 4.0) as usize];
            print!("{}  ", (0..width).step_by(cell).map(shade).collect::<String>());
        }
        println!();
    }
    for caption in captions {
        print!("{caption:<columns$}  ");
    }
    println!();
}

//! Curves of a run as an SVG image.

use std::path::Path;
use std::string::{String, ToString};
use std::vec::Vec;

use plotters::prelude::*;

use super::{Epoch, History, Score, TrainError};

/// One panel's size in pixels.
const PANEL: (u32, u32) = (640, 300);

/// A curve: an epoch's number and the value there.
type Curve = Vec<(f64, f64)>;

/// Draws one panel for the loss and one for each metric, each with a curve for the training set and one for the validation set.
pub(super) fn svg(history: &History, path: &Path) -> Result<(), TrainError> {
    let mut image = String::new();
    draw(history, &mut image).map_err(|reason| TrainError::Plot { reason })?;
    std::fs::write(path, image).map_err(|error| TrainError::File { path: path.to_path_buf(), error })
}

fn draw(history: &History, image: &mut String) -> Result<(), String> {
    let names: Vec<_> = match history.epochs.first() {
        Some(first) => first.training.all().map(|score| score.name).collect(),
        None => return Err("there are no epochs".into()),
    };
    let size = (PANEL.0, PANEL.1 * names.len() as u32);
    let root = SVGBackend::with_string(image, size).into_drawing_area();
    root.fill(&WHITE).map_err(|error| error.to_string())?;
    for (name, area) in names.iter().zip(root.split_evenly((names.len(), 1))) {
        panel(history, name, &area).map_err(|error| error.to_string())?;
    }
    root.present().map_err(|error| error.to_string())
}

fn panel<'a>(
    history: &History,
    name: &str,
    area: &DrawingArea<SVGBackend<'a>, plotters::coord::Shift>,
) -> Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>> {
    let training = curve(history, |epoch| epoch.training.score(name));
    let validation = curve(history, |epoch| epoch.validation.as_ref()?.score(name));
    let values = training.iter().chain(&validation).map(|point| point.1);
    let (low, high) = values
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    // A curve that is flat, or has no finite point, needs some height all the same.
    let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
    let margin = if high > low { 0.05 * (high - low) } else { 0.5 };
    let last = history.epochs.last().map_or(1, |epoch| epoch.number) as f64;
    let mut chart = ChartBuilder::on(area)
        .caption(name, ("sans-serif", 16))
        .margin(10)
        .x_label_area_size(32)
        .y_label_area_size(56)
        .build_cartesian_2d(1.0..last.max(2.0), low - margin..high + margin)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc("epoch")
        .x_label_formatter(&|epoch| std::format!("{epoch:.0}"))
        .draw()?;
    for (label, points, color) in [("training", training, BLUE), ("validation", validation, RED)] {
        if points.is_empty() {
            continue;
        }
        chart
            .draw_series(LineSeries::new(points, &color))?
            .label(label)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], color));
    }
    chart.configure_series_labels().background_style(WHITE.mix(0.8)).border_style(BLACK).draw()
}

/// The finite values of a score.
fn curve(history: &History, score: impl Fn(&Epoch) -> Option<Score>) -> Curve {
    let points = history.epochs.iter().filter_map(|epoch| Some((epoch.number as f64, score(epoch)?.value)));
    points.filter(|point| point.1.is_finite()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Evaluation;
    use super::*;

    fn history(epochs: usize) -> History {
        let evaluation =
            |loss| Evaluation { loss, scores: std::vec![Score::fraction("accuracy", 1.0 - loss)] };
        let epoch = |number| Epoch {
            number,
            training: evaluation(1.0 / number as f64),
            validation: Some(evaluation(if number == 2 { f64::NAN } else { 0.5 })),
            learning_rate: 0.1,
            seconds: 0.1,
        };
        History { epochs: (1..=epochs).map(epoch).collect() }
    }

    #[test]
    fn curves_are_drawn_for_few_epochs_and_values_that_are_not_finite() {
        for epochs in [1, 2, 30] {
            let mut image = String::new();
            assert_eq!(draw(&history(epochs), &mut image), Ok(()));
            assert!(image.starts_with("<svg") && image.trim_end().ends_with("</svg>"));
            assert!(image.contains("accuracy") && image.contains("validation"));
        }
        assert_eq!(draw(&history(0), &mut String::new()), Err("there are no epochs".into()));
    }
}

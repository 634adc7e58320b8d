//! The same numbers in another order or shape.

use super::graph::{Bounds, Kind, count};
use super::grow::Grower;
use super::operations::ARRANGE;

/// An edge, arranged otherwise.
pub(super) fn arranged(grower: &mut Grower<'_>) -> usize {
    let Some(x) = grower.pick_of_rank(1) else {
        let (x, y) = (grower.pick(), grower.pick());
        let both = grower.lengths(x) == grower.lengths(y);
        return if both { together(grower, "stack", x) } else { reshape(grower, x) };
    };
    let (lengths, bounds) = (grower.lengths(x), grower.bounds(x));
    let rank = lengths.len();
    match grower.draw.turn(ARRANGE, 9) {
        0 => reshape(grower, x),
        1 if rank > 1 => {
            let all = vec![count(&lengths)];
            grower.model.add(Kind::Method(".flatten()".into()), &[x], all, bounds)
        }
        2 if rank > 1 => {
            let a = grower.draw.below(rank);
            let b = (a + 1 + grower.draw.below(rank - 1)) % rank;
            let mut turned = lengths;
            turned.swap(a, b);
            grower.model.add(Kind::Method(format!(".transpose({a}, {b})")), &[x], turned, bounds)
        }
        3 if rank > 1 => {
            let mut axes: Vec<usize> = (0..rank).collect();
            for axis in (1..rank).rev() {
                axes.swap(axis, grower.draw.below(axis + 1));
            }
            let turned = axes.iter().map(|&axis| lengths[axis]).collect();
            grower.model.add(Kind::Method(format!(".permute({axes:?})")), &[x], turned, bounds)
        }
        4 | 5 => slice(grower, x),
        6 => together(grower, "concat", x),
        7 if rank < 4 => together(grower, "stack", x),
        _ => split(grower, x),
    }
}

fn reshape(grower: &mut Grower<'_>, x: usize) -> usize {
    let all = count(&grower.lengths(x));
    let divisors: Vec<usize> = (1..=all).filter(|&divisor| all.is_multiple_of(divisor)).collect();
    let first = grower.draw.one(&divisors);
    let mut shape = vec![first, all / first];
    if grower.draw.percent(25) {
        shape.insert(grower.draw.below(3), 1);
    }
    let bounds = grower.bounds(x);
    grower.model.add(Kind::Method(format!(".reshape({shape:?})")), &[x], shape, bounds)
}

fn slice(grower: &mut Grower<'_>, x: usize) -> usize {
    let (mut lengths, bounds) = (grower.lengths(x), grower.bounds(x));
    let axis = grower.draw.below(lengths.len());
    let start = grower.draw.below(lengths[axis]);
    let end = start + 1 + grower.draw.below(lengths[axis] - start);
    lengths[axis] = end - start;
    grower.model.add(Kind::Method(format!(".slice({axis}, {start}..{end})")), &[x], lengths, bounds)
}

/// `x` beside other edges of its shape, or beside itself; for `concat` also of other lengths along the axis.
fn together(grower: &mut Grower<'_>, name: &'static str, x: usize) -> usize {
    let lengths = grower.lengths(x);
    let new = name == "stack";
    let axis = grower.draw.below(lengths.len() + usize::from(new));
    let fits = |other: &[usize]| {
        let differs = |at: usize| other[at] != lengths[at] && (new || at != axis);
        other.len() == lengths.len() && !(0..lengths.len()).any(differs)
    };
    let edge = |node: &Kind| !matches!(node, Kind::Split(..) | Kind::Several(_) | Kind::Parameter(_));
    let nodes = &grower.model.nodes;
    let fitting: Vec<usize> =
        (0..nodes.len()).filter(|&node| edge(&nodes[node].kind) && fits(&nodes[node].lengths)).collect();
    let most = 30 / count(&lengths).max(1);
    let mut inputs = vec![x];
    for _ in 0..(1 + grower.draw.below(3)).min(most.max(1)) {
        inputs.push(grower.draw.one(&fitting));
    }
    let all: Vec<Bounds> = inputs.iter().map(|&node| grower.bounds(node)).collect();
    let bounds = Bounds::of(&all.iter().flat_map(|bounds| [bounds.low, bounds.high]).collect::<Vec<_>>());
    let mut whole = lengths;
    if new {
        whole.insert(axis, inputs.len());
    } else {
        whole[axis] = inputs.iter().map(|&node| grower.lengths(node)[axis]).sum();
    }
    grower.model.add(Kind::Together(name, axis), &inputs, whole, bounds)
}

/// The parts of an edge; the last of them goes on.
fn split(grower: &mut Grower<'_>, x: usize) -> usize {
    let (mut lengths, bounds) = (grower.lengths(x), grower.bounds(x));
    let ways: Vec<(usize, usize)> = (0..lengths.len())
        .flat_map(|axis| [2, 3].map(|parts| (axis, parts)))
        .filter(|&(axis, parts)| lengths[axis].is_multiple_of(parts))
        .collect();
    if ways.is_empty() {
        return slice(grower, x);
    }
    let (axis, parts) = grower.draw.one(&ways);
    let all = grower.model.add(Kind::Split(parts, axis), &[x], Vec::new(), bounds);
    lengths[axis] /= parts;
    let part = |_| grower.model.add(Kind::Part, &[all], lengths.clone(), bounds);
    (0..parts).map(part).last().unwrap_or(x)
}

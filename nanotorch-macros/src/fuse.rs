//! Parameters are read where they lie: an operation between an edge and a parameter becomes one step on the parameter's field,
//! so that no sample has a copy of it.

use crate::graph::{Applied, Call, Edge, Form, Graph, Step};

/// The same graph, with parameters in the operations that take them.
pub(crate) fn parameters(mut graph: Graph) -> Graph {
    for index in 0..graph.steps.len() {
        if let Some((applied, edge)) = applied(&graph, &graph.steps[index]) {
            let step = &mut graph.steps[index];
            (step.call, step.inputs) = (applied, vec![edge]);
        }
    }
    without_unread(graph)
}

/// What an operation between an edge and a parameter becomes, and the edge.
fn applied(graph: &Graph, step: &Step) -> Option<(Call, Edge)> {
    let Call::Operation(operation) = &step.call else { return None };
    let [first, second] = step.inputs[..] else { return None };
    let (field, edge, form) = match (source(graph, first), source(graph, second), &*operation.name) {
        (Source::Edge, Source::Parameter(field), "+" | "-" | "*" | "/") => {
            (field, first, Form::Elementwise { first: false })
        }
        (Source::Parameter(field), Source::Edge, "+" | "-" | "*" | "/") => {
            (field, second, Form::Elementwise { first: true })
        }
        (Source::Edge, Source::Parameter(field), "matmul") => {
            (field, first, Form::Product { transposed: false })
        }
        (Source::Edge, Source::Transposed(field), "matmul") => {
            (field, first, Form::Product { transposed: true })
        }
        _ => return None,
    };
    let function = operation.kind.clone();
    Some((Call::Applied(Applied { field, name: operation.name.clone(), function, form }), edge))
}

/// Where an edge comes from.
enum Source {
    Edge,
    Parameter(usize),
    Transposed(usize),
}

fn source(graph: &Graph, edge: Edge) -> Source {
    let Edge::Step(index) = edge else { return Source::Edge };
    let step = &graph.steps[index];
    match &step.call {
        Call::Parameter(field) => Source::Parameter(*field),
        Call::Operation(operation) if operation.name == "t" => match source(graph, step.inputs[0]) {
            Source::Parameter(field) => Source::Transposed(field),
            _ => Source::Edge,
        },
        _ => Source::Edge,
    }
}

/// Without the steps that only gave a parameter to operations which now have it themselves.
fn without_unread(mut graph: Graph) -> Graph {
    let mut index = graph.steps.len();
    while index > 0 {
        index -= 1;
        let edge = Edge::Step(index);
        let is_read = graph.steps.iter().any(|step| step.inputs.contains(&edge));
        let gives_parameter = !matches!(source(&graph, edge), Source::Edge);
        if is_read || !gives_parameter || index + 1 == graph.steps.len() {
            continue;
        }
        graph.steps.remove(index);
        for input in graph.steps.iter_mut().flat_map(|step| &mut step.inputs) {
            if let Edge::Step(number) = input
                && *number > index
            {
                *number -= 1;
            }
        }
    }
    graph
}

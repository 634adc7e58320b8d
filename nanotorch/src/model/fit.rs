//! Whether a layer can take an input, and if not, the sentence that says so.

use super::{Edges, Layer, Operation};
use crate::element::Float;
use crate::message::{Text, edges_of};
use crate::shape::{Shape, same_shape};

/// The answer to "does this layer take an input of this shape?".
#[derive(Clone, Copy, Debug)]
#[expect(clippy::large_enum_variant, reason = "it exists in constants only, where there are no boxes")]
pub enum Fit {
    /// It does.
    Fits,
    /// It doesn't.
    Mismatch(Mismatch),
    /// That can't be told, because of a mistake that is reported elsewhere: nothing more is to be said.
    Unknown,
}

/// Why a layer can't take an input, in the pieces of the sentence
/// "field `fc1: Linear<240, 128>` *takes 240 features*, but `flatten` gives *256*; *write `Linear<256, 128>`*".
#[derive(Clone, Copy, Debug)]
pub struct Mismatch {
    /// What the layer takes, as "takes 240 features".
    pub takes: Text,
    /// What it is given, as "256"; empty if the layer is wrong whatever it is given.
    pub given: Text,
    /// What to write instead, as "write `Linear<256, 128>`"; empty if there is no single answer.
    pub fix: Text,
    /// For a mistake inside a nested model: the path of the field and its type, as `blocks[2].fc1: Linear<240, 128>`; else empty.
    /// For one of an operation, the path of the model that it is in.
    pub inside: Text,
    /// For a mistake of an operation inside a nested model: how that is written; else empty.
    pub operation: Text,
    /// Whether the whole input was judged, several edges or one, by a model that declares what it takes.
    pub whole: bool,
    /// For a mistake inside a nested model: the path of the field there that gives the input; empty if that comes from outside.
    pub from: Text,
}

/// A field of a model, as messages speak of it.
#[derive(Clone, Copy)]
pub struct Place {
    /// Its name.
    pub name: &'static str,
    /// Its type, as it was written.
    pub kind: &'static str,
    /// Whether that type mentions a generic parameter, so that what the layer would have written is no fix here.
    pub generic: bool,
    /// The field that gives its input; empty if it is the model's own.
    pub from: &'static str,
    /// The arithmetic behind that input's shape, as "16 x 4 x 4"; may be empty.
    pub note: Text,
}

impl Fit {
    /// A mismatch of a layer itself.
    #[inline]
    pub const fn mismatch(takes: Text, given: Text, fix: Text) -> Fit {
        let nothing = Text::EMPTY;
        let (inside, operation, from, whole) = (nothing, nothing, nothing, false);
        Fit::Mismatch(Mismatch { takes, given, fix, inside, operation, from, whole })
    }

    /// Whether the layer takes the input.
    #[inline]
    pub const fn fits(&self) -> bool {
        matches!(self, Fit::Fits)
    }

    /// Whether there is a mistake to tell.
    #[inline]
    pub const fn is_mismatch(&self) -> bool {
        matches!(self, Fit::Mismatch(_))
    }

    /// This answer, or `next` if the input fits so far: the first mistake counts.
    #[inline]
    pub const fn and(self, next: Fit) -> Fit {
        match self {
            Fit::Fits => next,
            other => other,
        }
    }

    /// The answer as the enclosing model gives it: the mistake lies at `place`.
    #[inline]
    pub const fn in_field(self, place: &Place) -> Fit {
        let Fit::Mismatch(mut mismatch) = self else { return self };
        if !mismatch.operation.is_empty() {
            mismatch.inside = Text::new(place.name).text(joint(&mismatch.inside)).then(&mismatch.inside);
            if place.generic {
                mismatch.fix = Text::EMPTY;
            }
            return Fit::Mismatch(mismatch);
        }
        if mismatch.from.is_empty() {
            mismatch.from = Text::new(place.from);
            if !mismatch.given.is_empty() {
                mismatch.given = with_note(mismatch.given, place.note);
            }
        } else {
            mismatch.from = Text::new(place.name).text(joint(&mismatch.from)).then(&mismatch.from);
        }
        if mismatch.inside.is_empty() {
            mismatch.inside = Text::new(place.name).text(": ").text(place.kind);
        } else {
            mismatch.inside = Text::new(place.name).text(joint(&mismatch.inside)).then(&mismatch.inside);
        }
        if place.generic {
            mismatch.fix = Text::EMPTY;
        }
        Fit::Mismatch(mismatch)
    }

    /// The answer of the operation that is written as `name`, as the enclosing model gives it.
    #[inline]
    pub const fn in_operation(self, name: &str) -> Fit {
        let Fit::Mismatch(mut mismatch) = self else { return self };
        mismatch.operation = Text::new(name);
        Fit::Mismatch(mismatch)
    }

    /// The whole sentence for a mistake in the operation that is written as `name`; empty if there is nothing to say.
    #[inline]
    pub const fn operation_sentence(&self, name: &str) -> Text {
        let Fit::Mismatch(mismatch) = self else { return Text::EMPTY };
        let sentence = Text::new("`")
            .text(name)
            .text("` ")
            .then(&mismatch.takes)
            .text(", but is given ")
            .then(&mismatch.given);
        if mismatch.fix.is_empty() { sentence } else { sentence.text("; ").then(&mismatch.fix) }
    }

    /// The answer of a model that takes several edges: whatever is wrong, it isn't that there are several.
    #[doc(hidden)]
    #[inline]
    pub const fn of_whole(self) -> Fit {
        match self {
            Fit::Mismatch(mismatch) => Fit::Mismatch(Mismatch { whole: true, ..mismatch }),
            other => other,
        }
    }

    /// The answer of a layer to several edges at once, of the shapes `I`: it takes one, unless it is a model that says otherwise.
    #[inline]
    const fn of_several<I: Shape>(self) -> Fit {
        match self {
            Fit::Mismatch(mismatch) if !mismatch.whole => Fit::mismatch(
                Text::new("takes one edge"),
                Text::EMPTY.shape::<I>(),
                Text::new("call it with one"),
            ),
            other => other,
        }
    }

    /// The answer as the enclosing array gives it: the mistake lies in the item `index`.
    #[inline]
    pub const fn in_item(self, index: usize) -> Fit {
        let Fit::Mismatch(mut mismatch) = self else { return self };
        let item = Text::new("[").number(index).text("]");
        mismatch.inside = item.text(joint(&mismatch.inside)).then(&mismatch.inside);
        if !mismatch.from.is_empty() {
            mismatch.from = item.text(joint(&mismatch.from)).then(&mismatch.from);
        }
        Fit::Mismatch(mismatch)
    }

    /// The whole sentence for a mistake at `place` of a model that is nobody's field; empty if there is nothing to say.
    #[inline]
    pub const fn sentence(&self, place: &Place) -> Text {
        let Fit::Mismatch(mismatch) = self else { return Text::EMPTY };
        if !mismatch.operation.is_empty() {
            let path = Text::new(place.name).text(joint(&mismatch.inside)).then(&mismatch.inside);
            let sentence = self.operation_sentence(mismatch.operation.as_str());
            let sentence = Text::new("in `").then(&path).text("`, ").then(&sentence);
            return if mismatch.fix.is_empty() { sentence.then(&change(place)) } else { sentence };
        }
        let nested = !mismatch.inside.is_empty();
        let subject = Text::new("field `").text(place.name);
        let subject = if nested {
            subject.text(joint(&mismatch.inside)).then(&mismatch.inside)
        } else {
            subject.text(": ").text(place.kind)
        };
        let sentence = subject.text("` ").then(&mismatch.takes);
        let sentence = if mismatch.given.is_empty() {
            sentence
        } else if !mismatch.from.is_empty() {
            let from = Text::new(place.name).text(joint(&mismatch.from)).then(&mismatch.from);
            sentence.text(", but `").then(&from).text("` gives ").then(&mismatch.given)
        } else if place.from.is_empty() {
            sentence.text(", but the input gives ").then(&mismatch.given)
        } else {
            sentence
                .text(", but `")
                .text(place.from)
                .text("` gives ")
                .then(&with_note(mismatch.given, place.note))
        };
        if !mismatch.fix.is_empty() {
            sentence.text("; ").then(&mismatch.fix)
        } else if nested {
            sentence.then(&change(place))
        } else {
            sentence
        }
    }
}

impl Fit {
    /// The whole sentence for a mistake in the generic model `name`, which nobody contains; empty if there is nothing to say.
    #[doc(hidden)]
    #[inline]
    pub const fn sentence_of_model(&self, name: &str) -> Text {
        let Fit::Mismatch(mismatch) = self else { return Text::EMPTY };
        let sentence = if !mismatch.operation.is_empty() {
            let sentence = self.operation_sentence(mismatch.operation.as_str());
            let within = !mismatch.inside.is_empty();
            let place =
                if within { Text::new("in `").then(&mismatch.inside).text("`, ") } else { Text::EMPTY };
            place.then(&sentence)
        } else {
            let sentence = Text::new("field `").then(&mismatch.inside).text("` ").then(&mismatch.takes);
            let sentence = if mismatch.given.is_empty() {
                sentence
            } else if mismatch.from.is_empty() {
                sentence.text(", but the input gives ").then(&mismatch.given)
            } else {
                sentence.text(", but `").then(&mismatch.from).text("` gives ").then(&mismatch.given)
            };
            if mismatch.fix.is_empty() { sentence } else { sentence.text("; ").then(&mismatch.fix) }
        };
        let sentence = if mismatch.fix.is_empty() { sentence.text(";") } else { sentence.text(", or") };
        sentence.text(" change the arguments that `").text(name).text("` is used with")
    }
}

/// What can be done about a mistake in a nested model, seen from outside.
#[inline]
const fn change(place: &Place) -> Text {
    Text::new("; change `").text(place.kind).text("` or what it is given")
}

/// Between a name and what lies inside it: nothing before `[2]`, `: Block` or nothing, a dot before a field.
#[inline]
const fn joint(inside: &Text) -> &'static str {
    match inside.as_str().as_bytes() {
        [] | [b'[' | b':', ..] => "",
        _ => ".",
    }
}

#[inline]
const fn with_note(given: Text, note: Text) -> Text {
    if note.is_empty() { given } else { given.text(" (").then(&note).text(")") }
}

/// What a layer answers to an input whose shape can be relied on.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Asked {
    /// Whether it takes its input.
    pub fit: Fit,
    /// Whether its output's shape can be relied on too, so that what comes next is worth asking.
    pub known: bool,
}

/// Asks the layer `L` about the shape `I`.
#[doc(hidden)]
#[inline]
pub const fn ask<L: Layer<I>, I: Shape>() -> Asked {
    let fit = fit_of_layer::<L, I>().and(gives_numbers::<L, I>());
    Asked { fit, known: !matches!(fit, Fit::Unknown) && L::Out::LEN > 0 }
}

/// Asks the layer `L` about the shape `I`, where one edge is wanted from it.
#[doc(hidden)]
#[inline]
pub const fn ask_one<L: Layer<I>, I: Shape>() -> Asked {
    let Asked { fit, known } = ask::<L, I>();
    let one = one_edge::<L::Out>();
    Asked { fit: fit.and(one), known: known && one.fits() }
}

/// Asks the layer `L` about the shape `I`, where `outputs` edges are to be returned from it.
#[doc(hidden)]
#[inline]
pub const fn ask_returned<L: Layer<I>, I: Shape>(outputs: usize) -> Asked {
    let Asked { fit, known } = ask::<L, I>();
    let count = edges_of::<L::Out>();
    if count == outputs {
        return Asked { fit, known };
    }
    let gives = Text::new("gives ").counted(count, "edge").text(", ").shape::<L::Out>();
    let fix =
        Text::new("`forward` is to return ").number(outputs).text(" by what stands behind `->`; change that");
    Asked { fit: fit.and(Fit::mismatch(gives, Text::EMPTY, fix)), known: false }
}

/// The answer of the layer `L` to the shape `I`.
#[doc(hidden)]
#[inline]
pub const fn fit_of_layer<L: Layer<I>, I: Shape>() -> Fit {
    if edges_of::<I>() > 1 { L::FIT.of_several::<I>() } else { L::FIT }
}

/// As [`fit_of_layer`], where one edge is wanted from it.
#[doc(hidden)]
#[inline]
pub const fn fit_of_one<L: Layer<I>, I: Shape>() -> Fit {
    fit_of_layer::<L, I>().and(one_edge::<L::Out>())
}

/// The answer of a layer whose output, of the shape `O`, is used as one edge.
#[inline]
const fn one_edge<O: Shape>() -> Fit {
    let count = edges_of::<O>();
    if count == 1 {
        return Fit::Fits;
    }
    Fit::mismatch(
        Text::new("gives ").number(count).text(" edges, ").shape::<O>(),
        Text::EMPTY,
        Text::new("take them apart in a `forward` function: `let (a, b) = ..`"),
    )
}

/// Asks the operation `O` about edges of the shapes `I`.
#[doc(hidden)]
#[inline]
pub const fn ask_operation<O: Operation<I, T>, I: Edges, T: Float>() -> Asked {
    let fit = fit_of_operation::<O, I, T>();
    Asked { fit, known: fit.fits() && O::Out::LEN > 0 }
}

/// The answer of the operation `O` to edges of the shapes `I`.
#[doc(hidden)]
#[inline]
pub const fn fit_of_operation<O: Operation<I, T>, I: Edges, T: Float>() -> Fit {
    if I::SEVERAL && !O::TAKES_SEVERAL {
        return Fit::mismatch(
            Text::new("takes edges one by one"),
            Text::new("several at once"),
            Text::new("take them apart with `let (a, b) = ..` first"),
        );
    }
    O::FIT
}

/// Which edges' shapes can be relied on: the model's `inputs`, and the output of each step whose answer says so and whose
/// edges can be. A step is its answer and the edges that it reads; the inputs are numbered first.
#[doc(hidden)]
#[inline]
pub const fn known<const EDGES: usize>(inputs: &[bool], steps: &[(bool, &[usize])]) -> [bool; EDGES] {
    let mut known = [false; EDGES];
    let mut input = 0;
    while input < inputs.len() {
        known[input] = inputs[input];
        input += 1;
    }
    let mut step = 0;
    while step < steps.len() {
        let (answer, reads) = steps[step];
        let mut all = answer;
        let mut read = 0;
        while read < reads.len() {
            all = all && known[reads[read]];
            read += 1;
        }
        known[inputs.len() + step] = all;
        step += 1;
    }
    known
}

/// An output of no numbers is a mistake, whichever layer makes it: nothing can be learnt from it.
#[inline]
const fn gives_numbers<L: Layer<I>, I: Shape>() -> Fit {
    if L::Out::LEN > 0 || I::LEN == 0 {
        return Fit::Fits;
    }
    Fit::mismatch(
        Text::new("makes ").shape::<L::Out>().text(" of ").shape::<I>().text(", which is no number at all"),
        Text::EMPTY,
        Text::new("every axis needs a length of at least 1"),
    )
}

/// The answer of a model that takes `wanted` edges of any shapes to an input of the shape `I`.
#[doc(hidden)]
#[inline]
pub const fn several<I: Shape>(wanted: usize) -> Fit {
    if edges_of::<I>() == wanted {
        return Fit::Fits;
    }
    let takes = Text::new("takes ").counted(wanted, "edge");
    whole(takes, Text::EMPTY.shape::<I>(), Text::new("call it with ").number(wanted))
}

/// The answer of a model that declares the input `D` to an input of the shape `I`.
#[doc(hidden)]
#[inline]
pub const fn declared<I: Shape, D: Shape>() -> Fit {
    if same_shape::<I, D>() {
        return Fit::Fits;
    }
    let (given, wanted) = (edges_of::<I>(), edges_of::<D>());
    let fix = if given == wanted {
        Text::new("write `input = ").declaration::<I>().text("` there, or change what it is given")
    } else {
        Text::new("call it with ").counted(wanted, "edge")
    };
    whole(Text::new("takes ").shape::<D>(), Text::EMPTY.shape::<I>(), fix)
}

/// An answer to the whole of an input, one edge or several.
#[inline]
const fn whole(takes: Text, given: Text, fix: Text) -> Fit {
    Fit::mismatch(takes, given, fix).of_whole()
}

/// The answer for whoever contains a complete model, which has said itself what is wrong in it: here only a doubt is left.
#[doc(hidden)]
#[inline]
pub const fn doubt(known: bool) -> Fit {
    if known { Fit::Fits } else { Fit::Unknown }
}

impl Asked {
    /// There is nothing to ask.
    pub const FITS: Asked = Asked { fit: Fit::Fits, known: true };
}

//! Whether a layer can take an input, and if not, the sentence that says so.

use crate::message::Text;
use crate::shape::{Shape, same_shape};

/// The answer to "does this layer take an input of this shape?".
#[derive(Clone, Copy, Debug)]
pub enum Fit {
    /// It does.
    Fits,
    /// It doesn't.
    Mismatch(Mismatch),
}

/// Why a layer can't take an input, in the pieces of the sentence
/// "field `fc1: Linear<240, 128>` *takes 240 features*, but `flatten` gives *256*; *write `Linear<256, 128>`*".
#[derive(Clone, Copy, Debug)]
pub struct Mismatch {
    /// What the layer takes, as "takes 240 features".
    pub takes: Text,
    /// What it is given, as "256".
    pub given: Text,
    /// What to write instead, as "write `Linear<256, 128>`"; empty if there is no single answer.
    pub fix: Text,
    /// For a mistake inside a nested model: the path of the field, as "block[2].fc1: Linear<240, 128>"; else empty.
    pub inside: Text,
    /// For a mistake inside a nested model: the field there that gives the input; else empty.
    pub from: Text,
}

impl Fit {
    /// A mismatch of a layer itself.
    pub const fn mismatch(takes: Text, given: Text, fix: Text) -> Fit {
        Fit::Mismatch(Mismatch { takes, given, fix, inside: Text::EMPTY, from: Text::EMPTY })
    }

    /// Whether the layer takes the input.
    pub const fn fits(&self) -> bool {
        matches!(self, Fit::Fits)
    }

    /// This answer, or `next` if the input fits so far: the first mistake counts.
    pub const fn and(self, next: Fit) -> Fit {
        match self {
            Fit::Fits => next,
            mismatch => mismatch,
        }
    }

    /// The answer as the enclosing model gives it: the mistake lies in its field `name`, of the type `kind`, which is fed by
    /// `from`, whose output has the arithmetic `note`.
    pub const fn in_field(self, name: &str, kind: &str, from: &str, note: Text) -> Fit {
        match self {
            Fit::Fits => Fit::Fits,
            Fit::Mismatch(mut mismatch) => {
                if mismatch.inside.is_empty() {
                    mismatch.inside = Text::new(name).text(": ").text(kind);
                    mismatch.from = Text::new(from);
                    mismatch.given = with_note(mismatch.given, note);
                } else {
                    mismatch.inside = Text::new(name).text(joint(&mismatch.inside)).then(&mismatch.inside);
                }
                Fit::Mismatch(mismatch)
            }
        }
    }

    /// The answer as the enclosing array gives it: the mistake lies in the item `index`.
    pub const fn in_item(self, index: usize) -> Fit {
        match self {
            Fit::Fits => Fit::Fits,
            Fit::Mismatch(mut mismatch) => {
                let item = Text::new("[").number(index).text("]");
                mismatch.inside = item.text(joint(&mismatch.inside)).then(&mismatch.inside);
                Fit::Mismatch(mismatch)
            }
        }
    }

    /// The whole sentence for the field `name` of the type `kind`, fed by `from`, whose output has the arithmetic `note`.
    pub const fn sentence(&self, name: &str, kind: &str, from: &str, note: Text) -> Text {
        let Fit::Mismatch(mismatch) = self else { return Text::EMPTY };
        let subject = Text::new("field `").text(name);
        let subject = if mismatch.inside.is_empty() {
            subject.text(": ").text(kind)
        } else {
            subject.text(joint(&mismatch.inside)).then(&mismatch.inside)
        };
        let given = if mismatch.from.is_empty() { with_note(mismatch.given, note) } else { mismatch.given };
        let from = if mismatch.from.is_empty() { Text::new(from) } else { mismatch.from };
        let sentence =
            subject.text("` ").then(&mismatch.takes).text(", but ").then(&from).text(" gives ").then(&given);
        if mismatch.fix.is_empty() { sentence } else { sentence.text("; ").then(&mismatch.fix) }
    }
}

/// Between a name and what lies inside it: nothing before `[2]`, a dot before a field, nothing before nothing.
const fn joint(inside: &Text) -> &'static str {
    match inside.as_str().as_bytes() {
        [] | [b'[', ..] => "",
        _ => ".",
    }
}

const fn with_note(given: Text, note: Text) -> Text {
    if note.is_empty() { given } else { given.text(" (").then(&note).text(")") }
}

/// The answer of a model that declares the input `D` to an input of the shape `I`.
#[doc(hidden)]
pub const fn declared<I: Shape, D: Shape>() -> Fit {
    if same_shape::<I, D>() {
        Fit::Fits
    } else {
        Fit::mismatch(Text::new("takes ").shape::<D>(), Text::EMPTY.shape::<I>(), Text::EMPTY)
    }
}

//! Errors, gathered: two mistakes are two errors.

use proc_macro2::Span;

/// What was found wrong so far.
#[derive(Default)]
pub(crate) struct Mistakes(Option<syn::Error>);

impl Mistakes {
    /// One more, with the words for it.
    pub(crate) fn add(&mut self, span: Span, message: impl std::fmt::Display) {
        self.take(syn::Error::new(span, message));
    }

    /// One more; of a step that failed there is no value.
    pub(crate) fn try_take<V>(&mut self, result: syn::Result<V>) -> Option<V> {
        result.map_err(|error| self.take(error)).ok()
    }

    fn take(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            none => *none = Some(error),
        }
    }

    /// An error if there was any.
    pub(crate) fn result(self) -> syn::Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

/// The known name that is most like the written one, if any is close.
pub(crate) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = written.len() / 3 + 1;
    let near = known.into_iter().map(|name| (distance(written, name), name));
    near.filter(|(distance, _)| *distance <= allowed).min().map(|(_, name)| name)
}

/// How many letters have to be put in, left out or changed to get from one word to the other (Levenshtein, 1965).
pub(crate) fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, letter) in from.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (column, other) in to.bytes().enumerate() {
            let changed = diagonal + usize::from(letter != other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

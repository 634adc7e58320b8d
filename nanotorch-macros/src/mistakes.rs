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

    /// One more, under all of the tokens.
    pub(crate) fn add_spanned(&mut self, tokens: impl quote::ToTokens, message: impl std::fmt::Display) {
        self.take(syn::Error::new_spanned(tokens, message));
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
    let allowed = (written.len() / 3).max(1);
    let near = known.into_iter().map(|name| (distance(written, name), name));
    near.filter(|(distance, _)| *distance <= allowed).min().map(|(_, name)| name)
}

/// How many letters have to be put in, left out, changed or exchanged with their neighbour to get from one word to the other
/// (Damerau, 1964; Levenshtein, 1965).
pub(crate) fn distance(from: &str, to: &str) -> usize {
    let (from, to) = (from.as_bytes(), to.as_bytes());
    let mut rows = vec![vec![0; to.len() + 1]; from.len() + 1];
    for (above, row) in rows.iter_mut().enumerate() {
        row[0] = above;
    }
    rows[0] = (0..=to.len()).collect();
    for above in 1..=from.len() {
        for left in 1..=to.len() {
            let same = from[above - 1] == to[left - 1];
            let changed = rows[above - 1][left - 1] + usize::from(!same);
            let mut least = changed.min(rows[above - 1][left] + 1).min(rows[above][left - 1] + 1);
            if above > 1 && left > 1 && from[above - 1] == to[left - 2] && from[above - 2] == to[left - 1] {
                least = least.min(rows[above - 2][left - 2] + 1);
            }
            rows[above][left] = least;
        }
    }
    rows[from.len()][to.len()]
}

/// A number with what it counts: "1 edge", "2 edges".
pub(crate) fn counted(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// Names as a list: "`a`, `b` and `c`".
pub(crate) fn list(names: &[impl AsRef<str>]) -> String {
    match names {
        [] => "none".into(),
        [one] => format!("`{}`", one.as_ref()),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(|name| format!("`{}`", name.as_ref())).collect();
            format!("{} and `{}`", first.join(", "), last.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_near() {
        assert_eq!(distance("input", "inputs"), 1);
        assert_eq!(distance("input", "inptu"), 1);
        assert_eq!(distance("rleu", "relu"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(nearest("sofmax", ["softmax", "max"]), Some("softmax"));
        assert_eq!(nearest("add", ["abs", "t"]), None);
    }

    #[test]
    fn lists_are_read_aloud() {
        assert_eq!(list(&["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!((counted(1, "edge"), counted(2, "edge")), ("1 edge".into(), "2 edges".into()));
    }
}

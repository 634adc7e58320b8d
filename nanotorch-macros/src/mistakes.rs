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

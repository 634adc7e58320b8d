//! Messages are part of what nanotorch is: each mistake has a program in `fail/`, with the text that the compiler answers it.
//!
//! `fail/shape` has layers that don't fit, `fail/graph` fields that are no layers, `fail/attribute` misuse of `#[model]`,
//! `fail/layer` misuse of `#[layer]`, `fail/forward` what a forward function can't hold; `pass/` has programs that must
//! compile, however unusual. `MISTAKES.md` lists them all. A program says what its mistake is, and on a line of its own how many errors it has: one, unless
//! it has several mistakes. After a change of a message, `TRYBUILD=overwrite cargo test -p nanotorch-ui-tests` writes the
//! new texts: read them.

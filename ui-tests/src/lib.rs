//! Messages are part of what nanotorch is: each mistake has a program in `fail/`, with the text that the compiler answers it.
//!
//! `fail/shape` has layers that don't fit, `fail/graph` fields that are no layers, `fail/attribute` misuse of `#[model]`,
//! `fail/layer` misuse of `#[layer]`; `pass/` has programs that must compile, however unusual. A program says on its second
//! line how many errors it has. After a change of a message, `TRYBUILD=overwrite cargo test -p nanotorch-ui-tests` writes the
//! new texts: read them.

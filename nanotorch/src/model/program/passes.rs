//! What is done together at inference.

use super::Program;
use super::page::Page;
use crate::model::place::Mode;

impl Program {
    /// Says which lines are one pass over the numbers at inference.
    #[inline]
    pub(super) const fn passes(&self, page: &mut Page<'_>) {
        let (mut step, mut is_first) = (0, true);
        while step < self.lines.len() {
            if self.inference[step].followed.is_any() {
                page.text(if is_first { "// At inference in one pass: " } else { "; " });
                is_first = false;
                page.text(self.lines[step].value.name);
                let (mut last, mut reader) = (step, step + 1);
                while reader < self.lines.len() {
                    let reads = self.lines[reader].inputs[0] == self.inputs.len() + last;
                    if reads && matches!(self.inference[reader].forward, Mode::Done) {
                        page.text(", ");
                        page.text(self.lines[reader].value.name);
                        last = reader;
                    }
                    reader += 1;
                }
            }
            step += 1;
        }
        if !is_first {
            page.text(".\n");
        }
    }
}

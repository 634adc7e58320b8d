//! Writes the forward functions of `tests/tests/random_forward`.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/random_forward");
    for (name, text) in nanotorch_tests::random_forward::files() {
        let path = folder.join(name);
        std::fs::write(&path, text)?;
        println!("{}", path.display());
    }
    Ok(())
}

//! Takes the programs out of the documents, so that they stand there alone.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

/// What a program begins with.
const BEGIN: &str = "```rust,no_run\n";

/// The documents, and what their programs are called, in their order.
const DOCUMENTS: [(&str, &[&str]); 3] = [
    ("README.md", &["readme_blocking", "readme_async"]),
    ("docs/embedding.md", &["embedded"]),
    (
        "docs/services.md",
        &[
            "services_blocking",
            "services_async",
            "apix_blocking",
            "apix_async",
            "product_data_blocking",
            "product_data_async",
        ],
    ),
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let out = env::var("OUT_DIR")?;
    for (document, names) in DOCUMENTS {
        let path = root.join(document);
        println!("cargo::rerun-if-changed={}", path.display());
        let text = fs::read_to_string(path)?;
        let blocks: Vec<_> = text.split(BEGIN).skip(1).collect();
        if blocks.len() != names.len() {
            return Err(format!("{document} has {} programs", blocks.len()).into());
        }
        for (name, block) in names.iter().zip(blocks) {
            let program = block.split("```").next().unwrap_or_default();
            fs::write(Path::new(&out).join(name).with_extension("rs"), program)?;
        }
    }
    Ok(())
}

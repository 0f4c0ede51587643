//! Prints a table of `docs/benchmarks.md`, from what the other two have measured: `operations`, `bodies` or `product-data`.

use std::env;
use std::error::Error;
use std::path::PathBuf;

use twoba_bench::Report;

fn main() -> Result<(), Box<dyn Error>> {
    let place = |name| env::var_os(name).map(PathBuf::from).ok_or(name);
    let report = || Report::read(place("CRITERION_HOME")?, &place("TWOBA_BENCH_ALLOCATIONS")?);
    let machine = env::var("TWOBA_MACHINE").unwrap_or_default();
    for word in env::args().skip(1) {
        match word.as_str() {
            "operations" => print!("{}", report()?.operations(&machine)?),
            "bodies" => print!("{}", report()?.bodies()?),
            "product-data" => print!("{}", report()?.lists()?),
            _ => {}
        }
    }
    Ok(())
}

//! Prepares what programs that others wrote need to run on this machine: an environment for each purpose.
//!
//! Starting them, and judging what they do, is the tests' part.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use twoba_testkit::fixture;

use command::say;

mod busybox;
mod chromium;
mod clock;
mod command;
mod debian;
mod go;
mod keyring;
mod node;
mod postgres;
mod python;

/// What needs packages that others wrote.
#[derive(Debug)]
struct Purpose {
    name: &'static str,
    /// Tells the tests where it is.
    variable: &'static str,
    /// The folder with the list of packages.
    source: &'static str,
    language: Language,
}

const PURPOSES: [Purpose; 4] = [
    Purpose {
        name: "django",
        variable: "TWOBA_DJANGO_PYTHON",
        source: "tests/servers/django",
        language: Language::Python,
    },
    Purpose {
        name: "oidc",
        variable: "TWOBA_OIDC_PROVIDER",
        source: "tests/servers/oidc-provider",
        language: Language::Node,
    },
    Purpose {
        name: "clients-in-python",
        variable: "TWOBA_CLIENTS_PYTHON",
        source: "tests/clients",
        language: Language::Python,
    },
    Purpose {
        name: "clients-in-node",
        variable: "TWOBA_CLIENTS_NODE",
        source: "tests/clients",
        language: Language::Node,
    },
];

#[derive(Debug, Clone, Copy)]
enum Language {
    Python,
    Node,
}

impl Language {
    /// The file that names each package with its version.
    const fn list(self) -> &'static str {
        match self {
            Self::Python => "requirements.txt",
            Self::Node => "package-lock.json",
        }
    }
}

/// Whether a purpose can be served here.
#[derive(Debug)]
pub enum Prepared {
    /// It can, by what is at these places: a Python, a folder for Node, a program. Each goes with
    /// the environment variable that tells the tests.
    Ready(Vec<(&'static str, PathBuf)>),
    /// It cannot, for this reason.
    Missing(String),
}

/// Prepares for a purpose: `django`, `oidc`, `clients-in-python`, `clients-in-node`, `go`, `busybox`,
/// `chromium`, `keyring`, `postgres` or `clock`.
///
/// # Errors
///
/// - no such purpose
/// - its list of packages cannot be read, or cargo's target folder cannot be written
pub fn prepare(name: &str) -> Result<Prepared> {
    let of_debian = match name {
        "busybox" => Some(busybox::prepare().map(|programs| programs.to_vec())),
        "chromium" => Some(chromium::prepare().map(|programs| programs.to_vec())),
        "clock" => Some(clock::prepare().map(|library| library.to_vec())),
        "keyring" => Some(keyring::prepare().map(|programs| programs.to_vec())),
        "postgres" => Some(postgres::prepare().map(|programs| programs.to_vec())),
        _ => None,
    };
    if let Some(programs) = of_debian {
        return Ok(programs.map_or_else(Prepared::Missing, Prepared::Ready));
    }
    let purpose = PURPOSES.iter().find(|purpose| purpose.name == name);
    if purpose.is_none() && name != "go" {
        bail!("nothing is prepared for `{name}`");
    }
    // target/debug/PROGRAM is what runs.
    let program = std::env::current_exe()?;
    let target = program.ancestors().nth(2).context("no target folder")?;
    let workshop = target.join("interop");
    fs::create_dir_all(&workshop)?;
    let (variable, prepared) = match purpose {
        Some(purpose) => (purpose.variable, purpose.prepare(&workshop)?),
        None => (go::VARIABLE, go::prepare(&workshop)),
    };
    Ok(match prepared {
        Ok(place) => Prepared::Ready(vec![(variable, place)]),
        Err(why) => Prepared::Missing(why),
    })
}

impl Purpose {
    /// Makes the environment below `workshop`, or finds it made by an earlier run with the same
    /// list; why not, where it cannot be made.
    fn prepare(&self, workshop: &Path) -> Result<Result<PathBuf, String>> {
        let source = fixture::workspace().join(self.source);
        let list = source.join(self.language.list());
        let text = fs::read(&list).with_context(|| format!("read {}", list.display()))?;
        let lock = File::create(workshop.join("lock"))?;
        lock.lock().context("wait for another run's preparation")?;

        let folder = workshop.join(format!("{}-{:016x}", self.name, fingerprint(&text)));
        let stamp = folder.join("complete");
        if stamp.exists()
            && let Some(runner) = self.runner(&folder)
        {
            say(&format!("{}: there from an earlier run", self.name));
            return Ok(Ok(runner));
        }
        if folder.exists() {
            fs::remove_dir_all(&folder).context("remove a half-made environment")?;
        }
        say(&format!(
            "{}: installing what {} names",
            self.name,
            self.language.list()
        ));
        let failed = match self.language {
            Language::Python => python::make(&folder, &list),
            Language::Node => node::make(&folder, &source)?,
        };
        if let Some(why) = failed {
            return Ok(Err(why));
        }
        File::create(stamp)?;
        let runner = self.runner(&folder);
        Ok(runner.ok_or_else(|| "what was installed does not run".to_owned()))
    }

    /// What runs programs with the packages in this folder, where that works.
    fn runner(&self, folder: &Path) -> Option<PathBuf> {
        match self.language {
            Language::Python => python::runner(folder),
            Language::Node => node::runner(folder),
        }
    }
}

/// FNV-1a: short, and the same with every compiler, so that an environment is found again.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_the_published_ones() {
        assert_eq!(fingerprint(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fingerprint(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn a_purpose_that_is_none_is_an_error() {
        assert!(prepare("nonsense").is_err());
    }
}

//! Prepares what programs that others wrote need to run on this machine: an environment for each purpose.
//!
//! Starting them, and judging what they do, is the tests' part.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::say::say;

mod install;
mod node;
mod python;

/// django-oauth-toolkit, a server.
pub(crate) const DJANGO: Purpose = Purpose {
    name: "django",
    source: "tests/servers/django",
    language: Language::Python,
};

/// oidc-provider, a server.
pub(crate) const OIDC_PROVIDER: Purpose = Purpose {
    name: "oidc",
    source: "tests/servers/oidc-provider",
    language: Language::Node,
};

/// The clients that are written in Python.
pub(crate) const CLIENTS_IN_PYTHON: Purpose = Purpose {
    name: "clients-in-python",
    source: "tests/clients",
    language: Language::Python,
};

/// The clients that are written in JavaScript.
pub(crate) const CLIENTS_IN_NODE: Purpose = Purpose {
    name: "clients-in-node",
    source: "tests/clients",
    language: Language::Node,
};

/// What needs packages that others wrote.
#[derive(Debug)]
pub(crate) struct Purpose {
    pub(crate) name: &'static str,
    /// The folder with the list of packages.
    source: &'static str,
    language: Language,
}

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
pub(crate) enum Environment {
    /// By this Python, or by Node with the packages in this folder.
    Ready(PathBuf),
    /// It cannot, for this reason.
    Unavailable(String),
}

impl Purpose {
    /// Makes the environment below `workshop`, or finds it made by an earlier run with the same list.
    ///
    /// # Errors
    ///
    /// The list of packages cannot be read, or `workshop` cannot be written.
    pub(crate) fn prepare(&self, root: &Path, workshop: &Path) -> Result<Environment> {
        let source = root.join(self.source);
        let list = source.join(self.language.list());
        let text = fs::read(&list).with_context(|| format!("read {}", list.display()))?;
        let lock = File::create(workshop.join("lock"))?;
        lock.lock().context("wait for another run's preparation")?;

        let folder = workshop.join(format!("{}-{:016x}", self.name, fingerprint(&text)));
        let stamp = folder.join("complete");
        if stamp.exists()
            && let Some(runner) = self.runner(root, &folder)
        {
            say(&format!("{}: there from an earlier run", self.name));
            return Ok(Environment::Ready(runner));
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
            Language::Python => python::make(root, &folder, &list),
            Language::Node => node::make(root, &folder, &source)?,
        };
        if let Some(why) = failed {
            return Ok(Environment::Unavailable(why));
        }
        File::create(stamp)?;
        Ok(match self.runner(root, &folder) {
            Some(runner) => Environment::Ready(runner),
            None => Environment::Unavailable("what was installed does not run".to_owned()),
        })
    }

    /// What runs programs with the packages in this folder, where that works.
    fn runner(&self, root: &Path, folder: &Path) -> Option<PathBuf> {
        match self.language {
            Language::Python => python::runner(root, folder),
            Language::Node => node::runner(root, folder),
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
}

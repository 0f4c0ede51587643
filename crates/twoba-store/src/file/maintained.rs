//! The folder as a whole: what it says of itself, and how its sessions move.

use std::fs::{self, File};

use twoba_core::SessionKey;

use super::lease::FileLease;
use super::place::Place;
use super::{FileStore, home, mark};
use crate::machine::failed;
use crate::sealed::Label;
use crate::store::{About, Content, KeptAside, KeyId, Lease, Maintained, Mark, StoreError};

impl Maintained for FileStore {
    fn about(&self) -> Result<About, StoreError> {
        let folder = self.folder();
        let address = fs::canonicalize(folder).map_err(failed("look at", folder))?;
        let protection = self.protection()?;
        let mut about = About::new("file", address.display().to_string(), protection);
        about.is_copy = home::is_copy(folder)?;
        about.mark = mark::read(&self.folder)?;
        Ok(about)
    }

    fn adopt(&self) -> Result<(), StoreError> {
        Self::adopt(self)
    }

    fn kept_aside(&self, of: Option<&SessionKey>) -> Result<Vec<KeptAside>, StoreError> {
        Self::kept_aside(self, of)
    }

    fn restore(&self, kept: &KeptAside) -> Result<(), StoreError> {
        Self::restore(self, kept)
    }

    fn discard(&self, kept: &KeptAside) -> Result<(), StoreError> {
        Self::discard(self, kept)
    }

    #[cfg(feature = "encryption")]
    fn seal_again(&self, with: KeyId) -> Result<usize, StoreError> {
        Self::seal_again(self, with)
    }

    #[cfg(not(feature = "encryption"))]
    fn seal_again(&self, _with: KeyId) -> Result<usize, StoreError> {
        Err(StoreError::NotEncrypted {
            place: self.folder.told(),
        })
    }

    fn set_mark(&self, mark: Option<&Mark>) -> Result<(), StoreError> {
        mark::set(&self.folder, mark)
    }

    fn hold(&self, key: &SessionKey) -> Result<Option<Box<dyn Lease>>, StoreError> {
        home::check(self.folder())?;
        let lease = FileLease::try_take(self.place(key))?;
        Ok(lease.map(|lease| -> Box<dyn Lease> { Box::new(lease) }))
    }

    fn put(
        &self,
        key: &SessionKey,
        content: &Content,
        during: Option<&Mark>,
    ) -> Result<(), StoreError> {
        self.remove(key, during)?;
        self.place(key).put(content, during)
    }

    fn remove(&self, key: &SessionKey, during: Option<&Mark>) -> Result<(), StoreError> {
        mark::check_move(&self.folder, during)?;
        for kept in Self::kept_aside(self, Some(key))? {
            Self::discard(self, &kept)?;
        }
        self.place(key).remove_all(during)
    }
}

impl Place {
    fn put(&self, content: &Content, during: Option<&Mark>) -> Result<(), StoreError> {
        let writing = self.begin_writing()?;
        // Whoever sets another mark waits for this writing.
        mark::check_move(&self.folder, during)?;
        for kept in content.kept_aside.iter().rev() {
            self.keep_aside(&writing, &kept.record)?;
            let path = self.aside(kept.record.revision(), 0);
            let file = File::options().write(true).open(&path);
            let dated = file.and_then(|file| file.set_modified(kept.since));
            dated.map_err(failed("write", &path))?;
        }
        if let Some(rescued) = &content.rescued {
            let label = Label::Rescue(&self.key);
            self.write(&writing, &self.path("rescue"), label, rescued)?;
        }
        if let Some(record) = &content.record {
            self.write(&writing, &self.path("grant"), self.label(), record)?;
        }
        Ok(())
    }

    /// Removes the record and the rescued grant. The locks stay, because a lock on a deleted file
    /// excludes nobody.
    fn remove_all(&self, during: Option<&Mark>) -> Result<(), StoreError> {
        let _writing = self.begin_writing()?;
        mark::check_move(&self.folder, during)?;
        for ending in ["grant", "rescue"] {
            let path = self.path(ending);
            if path.is_dir() {
                fs::remove_dir_all(&path).map_err(failed("remove", &path))?;
            } else {
                self.remove(&path)?;
            }
        }
        Ok(())
    }
}

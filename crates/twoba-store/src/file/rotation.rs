//! The change of a store's key while programs use the store.
//!
//! The fact of the folder changes first. A writer reads the fact under the lock of its session.
//! Whoever seals the sessions again takes the same locks, one after the other. Each writer is
//! therefore either done by then, or knows the new key. It has made its lock before it read the
//! fact, so that a session that is stored for the first time is found by its lock.

use std::collections::BTreeSet;

use twoba_core::SessionKey;

use super::FileStore;
use super::fact;
use super::folder::Thing;
use super::name;
use super::place::{Place, Writing};
use super::temporary::Temporary;
use crate::machine::failed;
use crate::protection::Protection;
use crate::sealed::{Label, key_of};
use crate::store::{KeyId, ListedKind, StoreError};

impl FileStore {
    /// Has the store write with another key from now on, and seals everything in it again. Programs
    /// may use the store meanwhile. Each of them has to find the new key beside the old one before
    /// this begins. The old key can be removed from all of them after this has succeeded.
    ///
    /// A rotation that was cut off can be begun again: what is sealed with the key already is left
    /// alone. Bytes that are damaged stay as they are. Returns how many files were sealed again.
    ///
    /// # Errors
    ///
    /// - the store is not encrypted: [`StoreError::NotEncrypted`], or [`StoreError::Encrypted`] if
    ///   the program has no keys
    /// - the new key, or that of a file, is not among those of the program:
    ///   [`StoreError::KeyUnknown`]
    /// - another process changes the key, or has written a session for long: [`StoreError::Busy`].
    ///   All other sessions were sealed again.
    /// - the folder cannot be read or written: [`StoreError::Io`], [`StoreError::OutcomeUnknown`]
    pub fn seal_again(&self, with: KeyId) -> Result<usize, StoreError> {
        let folder = &*self.folder;
        let place = folder.told();
        let new = Protection::Encrypted(with);
        let old = folder.protection()?;
        if old == Protection::Plain {
            return Err(StoreError::NotEncrypted { place });
        }
        folder.protector().check(new, &place)?;
        let writer = fact::Writer::begin(folder.disk(), folder.path())?;
        writer.write(new)?;
        folder.sync().map_err(failed("sync", folder.path()))?;
        let (mut sealed, mut busy) = (0, false);
        for key in self.all_keys()? {
            match self.place(&key).seal_again(with) {
                Ok(files) => sealed += files,
                Err(StoreError::Busy) => busy = true,
                Err(error) => return Err(error),
            }
        }
        if busy {
            return Err(StoreError::Busy);
        }
        Ok(sealed)
    }

    /// All sessions that have a file or are being written for the first time.
    fn all_keys(&self) -> Result<BTreeSet<SessionKey>, StoreError> {
        let files = self.folder.files()?;
        let locks = files
            .iter()
            .filter_map(|file| name::key_of(file, name::WRITE));
        let stored = self.folder.things()?.into_iter().map(|thing| thing.key);
        Ok(locks.chain(stored).collect())
    }
}

impl Place {
    fn seal_again(&self, with: KeyId) -> Result<usize, StoreError> {
        let writing = self.begin_writing()?;
        let mut sealed = 0;
        for thing in self.things()? {
            if self.seal_file_again(&writing, &thing, with)? {
                sealed += 1;
            }
        }
        Ok(sealed)
    }

    /// Everything of this session but what an earlier release has kept aside, which was never
    /// sealed.
    fn things(&self) -> Result<Vec<Thing>, StoreError> {
        let mut things = self.folder.aside_in(&self.aside_folder())?;
        let own = [
            ("grant", ListedKind::Session),
            ("rescue", ListedKind::Rescue),
        ];
        things.extend(own.map(|(ending, kind)| Thing {
            key: self.key.clone(),
            kind,
            path: self.path(ending),
        }));
        Ok(things)
    }

    /// Seals one file again, if it has another key. Returns whether it had.
    fn seal_file_again(
        &self,
        writing: &Writing,
        thing: &Thing,
        with: KeyId,
    ) -> Result<bool, StoreError> {
        let path = &thing.path;
        let label = match thing.kind {
            ListedKind::Session | ListedKind::KeptAside => self.label(),
            ListedKind::Rescue => Label::Rescue(&self.key),
        };
        let stored = self.stored(path)?.unwrap_or_default();
        if key_of(&stored).is_none_or(|key| key == with) || self.cannot_be_a_record(path) {
            return Ok(false);
        }
        let (protector, told) = (self.folder.protector(), self.folder.told());
        let record = protector.open(writing.protection, &told, label, stored.clone())?;
        if record.expose() == stored {
            // It is damaged, and no key opens it.
            return Ok(false);
        }
        let sealed = protector.protect(writing.protection, &told, label, &record)?;
        let written = path.metadata().and_then(|found| found.modified());
        let written = written.map_err(failed("look at", path))?;
        let temporary = Temporary::write(self.folder.disk(), self.temporary(), &sealed)?;
        temporary.dated(written)?.rename(path)?;
        if thing.kind == ListedKind::KeptAside {
            self.settle_aside()?;
        }
        self.settle()?;
        Ok(true)
    }
}

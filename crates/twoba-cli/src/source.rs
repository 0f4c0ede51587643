//! The session that a command works on: the configured one, or one on the embedded emulator.

use std::io;

use http::{Request, Response};
use tempfile::TempDir;
use twoba_blocking::{
    Builder, Client, ClientSecret, EarlyRefresh, Error, ErrorKind, Password, Provider,
    RefreshError, Sessions, Store,
};
use twoba_core::{Topic, rejects_token};
use twoba_emulator::Emulator;

use crate::arguments::Global;
use crate::failure::{Failure, Kind};
use crate::handle::Handle;
use crate::output::Output;
use crate::settings::{Grant, Place, Settings, Stored, not_moved};
use crate::signals;

/// A session and its origin.
pub(crate) struct Source {
    pub(crate) settings: Settings,
    pub(crate) sessions: Sessions,
    pub(crate) session: Handle,
    /// Whether a person may be asked.
    pub(crate) may_ask: bool,
    quiet: bool,
    is_proven: bool,
    /// What to tell of a store that has got its first session.
    pub(crate) note: Option<String>,
    /// The emulator, which must run as long as the session.
    _emulated: Option<(Emulator, TempDir)>,
}

impl Source {
    /// Makes a call, and repeats it for some seconds if the store fails for a moment. There is no
    /// other copy of the server's grant.
    pub(crate) fn patiently<T>(
        &self,
        output: &Output,
        call: impl Fn(&Handle) -> Result<T, Error>,
        again: impl Fn(&Handle) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let failed = match call(&self.session) {
            Err(error) if is_of_the_store(&error) => error,
            outcome => return outcome.map_err(|error| self.told(error)),
        };
        if may_pass(&failed) {
            output.note(
                "the store fails; it is tried again for some seconds, in case the server has just \
                 given a new token",
            );
        }
        match self.session.save() {
            Ok(true) => Ok(again(&self.session)?),
            Ok(false) => Err(failed.into()),
            Err(error) => Err(Failure::unsaved(&error)),
        }
    }
}

impl Source {
    /// Calls a service and returns its answer, whatever its status. The stored token is used if that is
    /// enough, because the client's secret is then not needed.
    pub(crate) fn call(
        self,
        request: &Request<Vec<u8>>,
        output: &Output,
    ) -> Result<(Self, Response<Vec<u8>>), Failure> {
        let stored = self.session.stored_token();
        if let Some(token) = stored.map_err(|error| self.told(error))? {
            let response = self.session.call_with(&token, request)?;
            if !rejects_token(&response) {
                return Ok((self, response));
            }
        }
        let source = self.proven()?;
        let call = |session: &Handle| session.call(request);
        let response = source.patiently(output, call, call)?;
        Ok((source, response))
    }

    /// The sessions of the same client in another store.
    pub(crate) fn sessions_in(&self, store: impl Store + 'static) -> Sessions {
        builder(&self.settings).store(store).build()
    }

    /// The failure for an error of the session.
    pub(crate) fn told(&self, error: Error) -> Failure {
        let unreadable = self.session.is_program() && error.is_unreadable_record();
        let failure = Failure::from(error);
        match unreadable {
            // Nobody can log in over it.
            true => failure.advise("`twoba logout` forgets what is stored, and keeps it aside"),
            false => failure,
        }
    }
}

fn is_of_the_store(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Store(_) | ErrorKind::Refresh(RefreshError::NotStored)
    )
}

/// Whether the store may take the next change. Its other errors are refusals, which come before a
/// request.
fn may_pass(error: &Error) -> bool {
    let ErrorKind::Store(error) = error.kind() else {
        return true;
    };
    matches!(error.topic(), Topic::StoreUnusable | Topic::StoreDatabase)
}

/// Opens the session of this call. Its client cannot authenticate yet. A request that needs that
/// uses the [proven](Source::proven) source.
pub(crate) fn open(global: &Global) -> Result<Source, Failure> {
    if global.emulator {
        return emulated(global);
    }
    of(Settings::read(global)?, global)
}

/// The same for a call that tells what is stored, or asks the person first. A store whose sessions
/// have moved is refused.
pub(crate) fn open_to_tell(global: &Global) -> Result<Source, Failure> {
    if global.emulator {
        return emulated(global);
    }
    let source = of(Settings::read(global)?, global)?;
    not_moved(&*source.settings.store.open()?)?;
    Ok(source)
}

/// The same for a call that may store the first session of a new store.
pub(crate) fn open_to_begin(global: &Global) -> Result<Source, Failure> {
    if global.emulator {
        return emulated(global);
    }
    let settings = Settings::read(global)?;
    let note = settings.store.begin()?;
    not_moved(&*settings.store.open()?)?;
    Ok(Source {
        note,
        ..of(settings, global)?
    })
}

fn of(settings: Settings, global: &Global) -> Result<Source, Failure> {
    let (sessions, session) = session(&settings)?;
    Ok(Source {
        settings,
        sessions,
        session,
        may_ask: !global.no_input,
        quiet: global.quiet,
        is_proven: false,
        note: None,
        _emulated: None,
    })
}

impl Source {
    /// The same session with a client that can authenticate. Its secret is fetched now.
    pub(crate) fn proven(mut self) -> Result<Self, Failure> {
        if self.is_proven {
            return Ok(self);
        }
        self.settings.prove()?;
        (self.sessions, self.session) = session(&self.settings)?;
        signals::watch(&self.sessions, self.quiet);
        self.is_proven = true;
        Ok(self)
    }
}

/// The builder for sessions of these settings, still without their store.
pub(crate) fn builder(settings: &Settings) -> Builder {
    let builder = Sessions::builder(settings.client.clone())
        // A program that ends must not leave a request out.
        .early_refresh(EarlyRefresh::Inline);
    match &settings.authorities {
        Some(authorities) => builder.authorities(authorities),
        None => builder,
    }
}

/// The session of these settings.
pub(crate) fn session(settings: &Settings) -> Result<(Sessions, Handle), Failure> {
    let sessions = builder(settings).store(settings.store.open()?).build();
    let session = match settings.grant {
        Grant::Code | Grant::Password => Handle::Person(sessions.open(&settings.profile)?),
        // With the scopes of the client, which are those of the settings.
        Grant::ClientCredentials => Handle::Program(sessions.program::<&str>([])?),
    };
    Ok((sessions, session))
}

fn emulated(global: &Global) -> Result<Source, Failure> {
    let emulator = start(Emulator::builder())?;
    let folder = tempfile::tempdir()
        .map_err(|error| Failure::new(Kind::Store, format!("no temporary folder: {error}")))?;
    let settings = Settings {
        profile: "emulator".to_owned(),
        provider: "emulator".to_owned(),
        client: demo_client(&emulator)?,
        grant: Grant::Code,
        store: Stored::new(Place::Folder(folder.path().join("sessions")), None),
        authorities: None,
        proof: None,
    };
    let (sessions, session) = session(&settings)?;
    session.person()?.login(DEMO_USER, &demo_password()?)?;
    Ok(Source {
        settings,
        sessions,
        session,
        may_ask: !global.no_input,
        quiet: global.quiet,
        is_proven: true,
        note: None,
        _emulated: Some((emulator, folder)),
    })
}

pub(crate) const DEMO_USER: &str = "demo@example.com";

pub(crate) fn demo_password() -> Result<Password, Failure> {
    Password::parse("myPassword").map_err(|error| Failure::new(Kind::Other, error.to_string()))
}

pub(crate) fn start(builder: twoba_emulator::Builder) -> Result<Emulator, Failure> {
    builder.start().map_err(|error| {
        if error.kind() == io::ErrorKind::AddrInUse {
            return Failure::configuration(
                "the emulator cannot start: another program listens on that port",
            )
            .advise("end that program, or choose another port with --listen; without it, a free one is taken");
        }
        let kind = if error.kind() == io::ErrorKind::InvalidInput {
            Kind::Configuration
        } else {
            Kind::Other
        };
        Failure::new(kind, format!("the emulator cannot start: {error}"))
    })
}

/// The emulator's confidential client, under 2BA's rules.
pub(crate) fn demo_client(emulator: &Emulator) -> Result<Client, Failure> {
    let provider = Provider::two_ba_at(emulator.url())
        .map_err(|error| Failure::new(Kind::Other, error.to_string()))?;
    let secret = ClientSecret::parse("myApplicationSecret")
        .map_err(|error| Failure::new(Kind::Other, error.to_string()))?;
    Client::confidential(provider, "myApplication", secret)
        .map_err(|error| Failure::configuration(error.to_string()))
}

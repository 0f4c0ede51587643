//! Asks a service of the emulator whatever is a function, with the token of a session.

use twoba_services::{Function, ServiceError};
use twoba_tests::{Adapter, Kind, PASSWORD, Subject, USER, World};

/// An emulator, and a session that is logged in there.
pub(crate) struct Asking {
    pub(crate) world: World,
    pub(crate) session: Box<dyn Subject>,
}

impl Asking {
    pub(crate) fn new() -> Self {
        Self::of(World::new(Adapter::Blocking, Kind::Memory))
    }

    /// The same in another world.
    pub(crate) fn of(world: World) -> Self {
        let session = world.session();
        session.login(USER, PASSWORD).unwrap();
        Self { world, session }
    }

    /// What the service answers.
    pub(crate) fn ask<F: Function>(&self, function: &F) -> Result<F::Answer, ServiceError> {
        let request = function.request(&self.world.provider()).unwrap();
        let response = self.session.call(&request).unwrap();
        function.judge(&response)
    }
}

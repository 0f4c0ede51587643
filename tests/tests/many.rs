//! Many processes and one session, on each kind of store that a machine has: one of them refreshes,
//! all of them are served, and whoever is killed is followed at once.

#![cfg(unix)]

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::{Duration, Instant, SystemTime};

    use twoba_testkit::Running;
    use twoba_tests::{Adapter, KILL_POINT, KillPoint, Kind, SEED, World, seed};

    /// How long a process may take: long, as the machine may be busy with all the others.
    const LIMIT: Duration = Duration::from_secs(120);

    /// How many processes there are.
    const MANY: usize = 80;

    /// A session whose token has just ended.
    fn at_expiry(kind: Kind) -> World {
        let world = World::new(Adapter::Blocking, kind);
        drop(world.logged_in());
        world.pass(600);
        world
    }

    fn program(world: &World) -> Command {
        let since = world.emulator.now().duration_since(SystemTime::UNIX_EPOCH);
        let mut command = Command::new(env!("CARGO_BIN_EXE_one-token"));
        command
            .env_clear()
            .env(SEED, seed().to_string())
            .arg(world.place.address().unwrap())
            .arg(format!("{}/OAuth/Token", world.emulator.url()))
            .arg(since.unwrap().as_millis().to_string())
            .arg("never");
        command
    }

    #[track_caller]
    fn token(running: Running) -> String {
        let ended = running.finish(LIMIT).unwrap();
        let is_served = ended.stdout.starts_with("token 2 ") && ended.stderr.is_empty();
        assert!(ended.status.success() && is_served, "{ended:?}");
        ended.stdout
    }

    fn eighty(kind: Kind) {
        let world = at_expiry(kind);
        let before = world.counts();
        let started: Vec<Running> = (0..MANY)
            .map(|_| Running::start(&mut program(&world)).unwrap())
            .collect();
        let mut told: Vec<String> = started.into_iter().map(token).collect();
        told.dedup();
        assert_eq!(told.len(), 1, "they have several tokens: {told:?}");
        let after = world.counts();
        assert_eq!(after.token_posts - before.token_posts, 1);
        assert_eq!((after.rotations - before.rotations, after.reuse), (1, 0));
    }

    #[test]
    fn eighty_processes_at_expiry_send_one_request_from_a_folder() {
        eighty(Kind::File);
    }

    #[test]
    fn eighty_processes_at_expiry_send_one_request_from_a_database() {
        eighty(Kind::Database);
    }

    /// A holder is killed before its request, and the next one goes on.
    fn killed(kind: Kind) {
        let world = at_expiry(kind);
        let stop = KillPoint::RecordRead;
        let mut program_that_stops = program(&world);
        let program_that_stops = program_that_stops.env(KILL_POINT, stop.to_string());
        let mut holder = Running::start(program_that_stops).unwrap();
        let line = holder.stdout_line(LIMIT).unwrap();
        assert_eq!(line, Some(format!("at {stop}")));
        // The next one waits for it.
        let next = Running::start(&mut program(&world)).unwrap();
        let killed = Instant::now();
        holder.kill().unwrap();
        drop(token(next));
        assert!(
            killed.elapsed() < Duration::from_secs(20),
            "{:?}",
            killed.elapsed()
        );
        assert_eq!((world.counts().rotations, world.counts().reuse), (1, 0));
    }

    #[test]
    fn the_next_goes_on_at_once_behind_a_process_that_was_killed_over_a_folder() {
        killed(Kind::File);
    }

    #[test]
    fn the_next_goes_on_at_once_behind_a_process_that_was_killed_over_a_database() {
        killed(Kind::Database);
    }
}

//! By when a grant that nobody uses has to be refreshed.

use super::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn keep_by(world: &World) -> Option<Timestamp> {
    world.stored.as_ref().unwrap().schedule().unwrap().keep_by
}

#[test]
fn each_generation_is_to_be_kept_alive_ten_days_after_its_refresh() {
    let mut world = World::new();
    let mut session = session();
    world.log_in(&mut session).unwrap();
    assert_eq!(keep_by(&world), Some(at(0).saturating_add(10 * DAY)));
    world.now = at(119);
    world.will([granted(2)]);
    world.refresh(&mut session).unwrap();
    assert_eq!(keep_by(&world), Some(at(119).saturating_add(10 * DAY)));
    // A failure says nothing of it.
    world.now = at(300);
    world.will([Act::Answer(503, "text/html", String::new())]);
    world.refresh(&mut session).unwrap_err();
    assert_eq!(keep_by(&world), Some(at(119).saturating_add(10 * DAY)));
    world.now = at(400);
    world.will([refusal("invalid_grant")]);
    world.refresh(&mut session).unwrap_err();
    assert_eq!(keep_by(&world), None, "nothing keeps a dead grant alive");
}

#[test]
fn a_provider_says_how_long_a_grant_lives_unused() {
    let endpoint = Endpoint::parse("https://id.example/token").unwrap();
    for (provider, expected) in [
        (Provider::custom(endpoint), None),
        (Provider::two_ba().with_keep_alive(None), None),
        (Provider::two_ba().with_keep_alive(Some(DAY)), Some(DAY)),
    ] {
        let mut world = World::new();
        world.log_in(&mut session_of(provider, "secret")).unwrap();
        assert_eq!(
            keep_by(&world),
            expected.map(|span| START.saturating_add(span))
        );
    }
    // Without a refresh token nothing can be kept.
    let mut world = World::new();
    let mut session = session();
    let body = r#"{"access_token":"t","token_type":"bearer","expires_in":60}"#;
    let fresh = fresh(
        session.client(),
        START,
        &Act::Answer(200, "application/json", body.into()),
    );
    world.drive(session.adopt(fresh, None)).unwrap();
    assert_eq!(keep_by(&world), None);
}

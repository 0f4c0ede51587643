//! Answers that are compressed or oddly written, after the server has rotated: they bring the token
//! all the same.

use twoba_emulator::{Fault, FaultPoint};
use twoba_tests::World;

scenarios! {
    an_odd_answer_costs_no_rotated_token,
    an_odd_answer_of_a_service_is_read,
}

const ODD: [Fault; 3] = [Fault::Gzip, Fault::Deflate, Fault::FoldedHeader];

fn an_odd_answer_costs_no_rotated_token(world: &World) {
    let session = world.logged_in();
    for (rotations, fault) in (1..).zip(ODD) {
        let fault = Fault::AfterCommit(Box::new(fault));
        world.next(FaultPoint::Refresh, fault);
        world.pass(121);
        session.token().unwrap();
        assert_eq!(world.counts().rotations, rotations);
    }
    assert_eq!(world.counts().reuse, 0);
    assert_eq!(world.counts().refresh, 3);
}

fn an_odd_answer_of_a_service_is_read(world: &World) {
    let session = world.logged_in();
    for fault in ODD {
        world.next(FaultPoint::Service, fault);
        let found = session.get("Product/Search", &[("query", "kabelgoot")]);
        assert!(found.unwrap().value().is_object());
    }
    assert_eq!(world.counts().service_calls, 3);
}

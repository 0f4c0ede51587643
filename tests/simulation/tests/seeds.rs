//! Worlds that have found a fault of the product.

use twoba_simulation::simulate;

#[test]
fn a_program_that_ends_waits_for_whoever_has_its_grant_in_hand() {
    // As the tries of one were over, the next was about to begin, and nothing was left.
    assert_eq!(simulate(181..182, None, true).first(), None);
}

#[test]
fn what_comes_with_an_answer_that_is_out_is_tried_to_be_stored_for_as_long_as_ever() {
    for seed in [2150, 4594] {
        assert_eq!(simulate(seed..seed + 1, None, true).first(), None);
    }
}

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

#[test]
fn a_grant_that_is_left_for_others_as_the_program_ends_is_not_forgotten_meanwhile() {
    assert_eq!(simulate(721_762..721_763, None, true).first(), None);
}

#[test]
fn a_nightly_job_heals_a_store_that_went_back() {
    assert_eq!(simulate(774_658..774_659, None, true).first(), None);
}

#[test]
fn a_store_that_went_back_has_no_other_token_while_somebody_has_the_lease() {
    assert_eq!(simulate(270_476..270_477, None, true).first(), None);
}

#[test]
fn what_a_login_has_met_and_replaced_counts_as_seen() {
    assert_eq!(simulate(838_545..838_546, None, true).first(), None);
}

#[test]
fn clocks_that_are_set_back_begin_no_wait_anew_for_an_hour() {
    for seed in [102_192, 234_832] {
        assert_eq!(simulate(seed..seed + 1, None, true).first(), None);
    }
}

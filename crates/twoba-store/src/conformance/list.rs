//! The list of all cases, and the macros that make tests of them.

/// Makes a `#[test]` of each case for a blocking store: `conformance!(SUBJECT)`. The expression
/// makes a [`Subject`](crate::conformance::Subject) with an empty store. Call the macro in a module
/// of its own.
#[macro_export]
macro_rules! conformance {
    (@list $then:ident $($more:tt)*) => {
        $crate::conformance! { @$then [
            an_empty_store_has_nothing
            what_was_stored_is_read
            what_a_lease_stored_is_read
            what_a_lease_finished_with_is_read
            a_refresh_is_stored_step_by_step
            refresh_tokens_of_ten_kilobytes_come_back_whole
            the_longest_tokens_come_back_whole
            a_short_record_leaves_nothing_of_a_longer_one
            any_bytes_are_read_as_they_are
            no_bytes_are_not_nothing
            what_was_stored_is_there_when_the_store_is_opened_again
            a_rescued_grant_is_there_when_the_store_is_opened_again
            what_was_kept_aside_is_there_when_the_store_is_opened_again
            a_lease_outlives_the_handle_that_gave_it
            what_a_killed_process_had_stored_is_there
            a_lease_ends_with_its_process

            a_first_change_needs_an_empty_place
            a_change_needs_what_it_expects
            a_change_over_an_older_record_is_a_conflict
            a_conflict_changes_nothing
            a_lease_overrules_no_conflict
            a_change_whose_answer_was_lost_finds_itself
            a_change_whose_answer_was_lost_finds_itself_under_the_lease
            a_record_that_came_back_is_as_good_as_the_first
            a_login_wins_over_a_refresh_that_is_out
            a_logout_wins_over_a_refresh_that_is_out
            of_a_login_and_a_logout_the_second_is_told
            a_late_logout_ends_no_fresh_login
            a_login_follows_a_logout

            a_write_that_fails_leaves_one_record_or_the_other
            a_write_that_fails_keeps_the_lease
            a_probe_finds_that_nothing_can_be_written
            what_cannot_be_written_can_be_read
            a_rescue_that_fails_says_so
            what_is_said_to_be_stored_is_there_even_after_a_failure
            a_change_whose_answer_is_lost_is_found_by_reading
            a_refresh_goes_on_after_a_lost_answer
            a_write_that_is_held_back_fails_in_time

            torn_bytes_are_no_empty_place
            a_login_replaces_torn_bytes_and_keeps_them
            a_logout_replaces_torn_bytes_and_keeps_them
            a_foreign_record_is_kept_aside
            every_damage_is_kept
            what_is_too_large_for_a_session_is_replaced_and_kept
            what_can_be_read_is_not_kept_aside
            a_conflict_keeps_nothing_aside
            a_damaged_session_hides_no_other

            a_lease_is_one_holders
            a_lease_is_refused_at_once
            a_lease_is_refused_whoever_opened_the_store
            a_lease_that_is_dropped_goes_back
            a_lease_that_is_released_goes_back
            a_lease_ends_with_the_panic_of_its_thread
            a_lease_goes_from_thread_to_thread
            a_change_does_not_give_the_lease_back
            a_lease_that_has_finished_goes_back
            a_finish_that_conflicts_keeps_the_lease
            a_finished_lease_takes_nothing_from_the_next_holder
            a_lease_is_renewed_while_it_is_held
            a_lease_is_of_one_session
            what_comes_with_a_lease_is_what_is_stored
            a_lease_keeps_nobody_from_reading
            a_login_does_not_wait_for_a_lease
            of_a_lease_its_own_holder_is_told_or_nobody
            a_lease_that_ran_out_says_so
            who_lost_the_lease_overwrites_nothing
            who_lost_the_lease_takes_nothing_from_the_next_holder

            odd_keys_are_sessions_of_their_own
            keys_that_look_alike_do_not_meet
            long_keys_are_kept_in_full
            any_unicode_is_a_key_of_its_own
            many_keys_are_kept_apart
            ten_thousand_sessions_are_listed_in_full

            a_probe_leaves_nothing
            a_probe_changes_nothing

            a_list_is_in_the_order_of_keys
            a_list_goes_on_behind_a_key
            a_list_tears_no_key_apart
            a_list_of_none_is_empty
            a_list_shows_what_lies_there
            a_session_that_was_logged_out_is_listed

            the_earliest_is_due_first
            what_is_due_at_that_moment_is_due
            no_more_are_due_than_were_asked_for
            what_was_stored_last_says_when_it_is_due
            what_has_no_date_is_not_due
            sessions_of_one_moment_are_due_in_the_order_of_keys
            each_date_is_asked_for_by_itself
            a_login_forgets_by_when_its_session_had_to_be_used

            a_rescued_grant_is_read_back
            a_rescue_changes_no_record
            a_later_rescue_takes_the_place_of_an_earlier_one
            a_rescue_is_of_one_session
            a_login_ends_a_rescue
            a_logout_ends_a_rescue
            a_rotation_ends_a_rescue
            an_intent_ends_no_rescue
            a_conflict_ends_no_rescue
            a_rescue_is_as_protected_as_the_record

            of_many_first_logins_one_is_first
            of_many_changes_of_one_record_one_is_applied
            a_writer_waits_for_another_writer
            a_lease_is_one_holders_among_many
            a_lease_starves_none_of_those_who_try_again
            a_login_is_seen_by_those_who_wait_for_the_lease
            no_reader_sees_half_a_record
            writers_of_many_sessions_do_not_mix_them_up
        ] $($more)* }
    };
    (@cases [$($case:ident)*]) => {
        &[$($crate::conformance::Case {
            name: stringify!($case),
            run: $crate::conformance::cases::$case,
        }),*]
    };
    (@tests [$($case:ident)*] $subject:expr) => {
        $(
            #[test]
            fn $case() {
                $crate::conformance::check(stringify!($case), &$subject);
            }
        )*
    };
    ($subject:expr) => {
        $crate::conformance! { @list tests $subject }
    };
}

/// Makes a `#[test]` of each case for an async store, like [`conformance!`](crate::conformance!),
/// and of some more cases for async stores only. The expression makes an
/// [`AsyncSubject`](crate::conformance::AsyncSubject).
#[macro_export]
macro_rules! conformance_async {
    (@list $then:ident $($more:tt)*) => {
        $crate::conformance_async! { @$then [
            a_lease_that_nobody_waited_for_goes_back
            a_lease_goes_back_whose_work_nobody_waited_for
            a_change_that_nobody_waited_for_is_there_as_a_whole_or_not_at_all
            a_lease_is_free_once_its_release_was_awaited
        ] $($more)* }
    };
    (@async_cases [$($case:ident)*]) => {
        &[$($crate::conformance::AsyncCase {
            name: stringify!($case),
            run: $crate::conformance::cases::$case,
        }),*]
    };
    (@async_tests [$($case:ident)*] $subject:expr) => {
        $(
            #[test]
            fn $case() {
                $crate::conformance::check_async(stringify!($case), &$subject);
            }
        )*
    };
    ($subject:expr) => {
        $crate::conformance! { @list tests $subject }
        $crate::conformance_async! { @list async_tests $subject }
    };
}

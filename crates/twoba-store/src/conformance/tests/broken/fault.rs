//! What can be wrong with a store, and the cases that have to find it.

use twoba_core::SessionKey;

/// One thing that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    NothingIsEmpty,
    SuccessWithoutChange,
    SuccessWithoutApply,
    SuccessWithoutFinish,
    StoresInItsHandle,
    CutsAtEightKilobytes,
    CutsAtSixtyKilobytes,
    OverwritesInPlace,
    TextOnly,
    EmptyIsNothing,
    RescueInItsHandle,
    AsideInItsHandle,
    LeaseEndsWithItsHandle,
    NoSwap,
    FirstOverwrites,
    OverNothing,
    ConflictTellsNothing,
    ConflictMovesDates,
    LeaseOverrules,
    RepeatedIsDone,
    RevisionsAreUsedOnce,
    LoginWaitsForTheLease,
    LogoutEmpties,
    LogoutOverrules,
    FailureTears,
    FailureIsDone,
    SecondAttemptIsDone,
    LostAnswerLeavesTheOldView,
    LostAnswerGivesTheLeaseBack,
    WritersWaitForEver,
    WritersAreImpatient,
    FailureGivesTheLeaseBack,
    ProbeTriesNothing,
    FullMeansUnreadable,
    RescueHidesFailure,
    TornIsNothing,
    NothingAside,
    LastAsideOnly,
    TooLargeIsRefused,
    AsideIsCut,
    EverythingAside,
    AsideBeforeTheLook,
    DamageStopsLists,
    LeaseForEverybody,
    RefusalTakesTheLease,
    LeaseIsWaitedFor,
    LeaseOfItsHandle,
    DropKeepsTheLease,
    ReleaseKeepsTheLease,
    PanicKeepsTheLease,
    LeaseOfItsThread,
    ApplyGivesTheLeaseBack,
    FinishKeepsTheLease,
    ConflictGivesTheLeaseBack,
    FinishGivesBackTwice,
    RenewIsRefused,
    RenewGivesBack,
    HolderIsSomebodyElse,
    RenewLooksAtNothing,
    /// It reads under a lease that somebody else has by now.
    LoadLooksAtNothing,
    OneLeaseForAll,
    /// What comes with a lease is what its handle has found at first.
    FoundIsTheFirst,
    FoundHasNoRescue,
    FoundComesTwice,
    ReadersWaitForTheLease,
    DropTakesAnyLease,
    KeysArePaths,
    KeysAreFolded,
    KeysAreCut,
    KeysAreHashed,
    KeysLosePrivateUse,
    ProbeStores,
    ProbeEndsRescue,
    ProbeTakesTheLease,
    ListAsTheyCame,
    ListInOrderOfLetters,
    ListBeginsWithTheKey,
    ListForgetsWhereItWas,
    ListHasNoLimit,
    ListLimitOfThings,
    ListOfSessionsOnly,
    ListEndsAtAThousand,
    ListHidesTheLoggedOut,
    DueInOrderOfKeys,
    DueIsExclusive,
    DueHasNoLimit,
    FirstDateStays,
    NoDateIsTheOldOne,
    DueTiesAsTheyCame,
    OneDateForBoth,
    RescueIsLost,
    RescueIsTheRecord,
    RescueStaysTheFirst,
    RescueIsForAll,
    RescueNeverEnds,
    EveryChangeEndsRescue,
    ConflictEndsRescue,
    RescueIsOpen,
    SwapInTwoActs,
    LeaseInTwoActs,
    LeaseIsForItsLastHolder,
    ReadsOnce,
    HalfWrites,
    OneScratch,
}

impl Fault {
    /// Under which key a store with this fault files what belongs to `key`.
    pub(crate) fn filed(self, key: &SessionKey) -> SessionKey {
        let text = key.as_str();
        let filed = match self {
            Self::KeysArePaths => text
                .rsplit('/')
                .find(|part| !part.is_empty())
                .unwrap_or("_")
                .to_owned(),
            Self::KeysAreFolded => text.to_lowercase(),
            Self::KeysAreCut => text.chars().take(31).collect(),
            Self::KeysLosePrivateUse => {
                let kept = |letter: &char| !('\u{e000}'..='\u{f8ff}').contains(letter);
                let kept: String = text.chars().filter(kept).collect();
                if kept.is_empty() {
                    "_".to_owned()
                } else {
                    kept
                }
            }
            Self::KeysAreHashed => {
                let sum: u64 = text
                    .bytes()
                    .fold(7, |sum, byte| sum * 31 % 251 + u64::from(byte));
                format!("{}", sum % 251)
            }
            _ => return key.clone(),
        };
        SessionKey::parse(filed).unwrap()
    }
}

/// Each fault and cases that find it. Others may find it too.
pub(crate) const FOUND: &[(Fault, &[&str])] = &[
    (Fault::NothingIsEmpty, &["an_empty_store_has_nothing"]),
    (
        Fault::SuccessWithoutChange,
        &[
            "what_was_stored_is_read",
            "a_first_change_needs_an_empty_place",
        ],
    ),
    (
        Fault::SuccessWithoutApply,
        &[
            "what_a_lease_stored_is_read",
            "a_refresh_is_stored_step_by_step",
        ],
    ),
    (
        Fault::SuccessWithoutFinish,
        &[
            "what_a_lease_finished_with_is_read",
            "a_refresh_is_stored_step_by_step",
        ],
    ),
    (
        Fault::StoresInItsHandle,
        &["what_was_stored_is_there_when_the_store_is_opened_again"],
    ),
    (
        Fault::CutsAtEightKilobytes,
        &["refresh_tokens_of_ten_kilobytes_come_back_whole"],
    ),
    (
        Fault::CutsAtSixtyKilobytes,
        &["the_longest_tokens_come_back_whole"],
    ),
    (
        Fault::OverwritesInPlace,
        &["a_short_record_leaves_nothing_of_a_longer_one"],
    ),
    (Fault::TextOnly, &["any_bytes_are_read_as_they_are"]),
    (Fault::EmptyIsNothing, &["no_bytes_are_not_nothing"]),
    (
        Fault::RescueInItsHandle,
        &["a_rescued_grant_is_there_when_the_store_is_opened_again"],
    ),
    (
        Fault::AsideInItsHandle,
        &["what_was_kept_aside_is_there_when_the_store_is_opened_again"],
    ),
    (
        Fault::LeaseEndsWithItsHandle,
        &["a_lease_outlives_the_handle_that_gave_it"],
    ),
    (
        Fault::NoSwap,
        &["a_change_over_an_older_record_is_a_conflict"],
    ),
    (
        Fault::FirstOverwrites,
        &[
            "a_first_change_needs_an_empty_place",
            "torn_bytes_are_no_empty_place",
        ],
    ),
    (Fault::OverNothing, &["a_change_needs_what_it_expects"]),
    (
        Fault::ConflictTellsNothing,
        &["of_a_login_and_a_logout_the_second_is_told"],
    ),
    (Fault::ConflictMovesDates, &["a_conflict_changes_nothing"]),
    (
        Fault::LeaseOverrules,
        &[
            "a_lease_overrules_no_conflict",
            "a_login_wins_over_a_refresh_that_is_out",
            "a_logout_wins_over_a_refresh_that_is_out",
            "who_lost_the_lease_overwrites_nothing",
        ],
    ),
    (
        Fault::RepeatedIsDone,
        &[
            "a_change_whose_answer_was_lost_finds_itself",
            "a_change_whose_answer_was_lost_finds_itself_under_the_lease",
        ],
    ),
    (
        Fault::RevisionsAreUsedOnce,
        &["a_record_that_came_back_is_as_good_as_the_first"],
    ),
    (
        Fault::LoginWaitsForTheLease,
        &[
            "a_login_does_not_wait_for_a_lease",
            "a_login_wins_over_a_refresh_that_is_out",
        ],
    ),
    (Fault::LogoutEmpties, &["a_login_follows_a_logout"]),
    (
        Fault::LogoutOverrules,
        &["a_late_logout_ends_no_fresh_login"],
    ),
    (
        Fault::FailureIsDone,
        &["what_is_said_to_be_stored_is_there_even_after_a_failure"],
    ),
    (
        Fault::SecondAttemptIsDone,
        &[
            "what_is_said_to_be_stored_is_there_even_after_a_failure",
            "a_write_that_fails_leaves_one_record_or_the_other",
        ],
    ),
    (
        Fault::LostAnswerLeavesTheOldView,
        &["a_change_whose_answer_is_lost_is_found_by_reading"],
    ),
    (
        Fault::LostAnswerGivesTheLeaseBack,
        &["a_refresh_goes_on_after_a_lost_answer"],
    ),
    (
        Fault::WritersWaitForEver,
        &["a_write_that_is_held_back_fails_in_time"],
    ),
    (
        Fault::WritersAreImpatient,
        &["a_writer_waits_for_another_writer"],
    ),
    (
        Fault::FailureTears,
        &["a_write_that_fails_leaves_one_record_or_the_other"],
    ),
    (
        Fault::FailureGivesTheLeaseBack,
        &["a_write_that_fails_keeps_the_lease"],
    ),
    (
        Fault::ProbeTriesNothing,
        &["a_probe_finds_that_nothing_can_be_written"],
    ),
    (
        Fault::FullMeansUnreadable,
        &["what_cannot_be_written_can_be_read"],
    ),
    (Fault::RescueHidesFailure, &["a_rescue_that_fails_says_so"]),
    (Fault::TornIsNothing, &["torn_bytes_are_no_empty_place"]),
    (
        Fault::NothingAside,
        &[
            "a_login_replaces_torn_bytes_and_keeps_them",
            "a_logout_replaces_torn_bytes_and_keeps_them",
            "a_foreign_record_is_kept_aside",
        ],
    ),
    (Fault::LastAsideOnly, &["every_damage_is_kept"]),
    (
        Fault::TooLargeIsRefused,
        &["what_is_too_large_for_a_session_is_replaced_and_kept"],
    ),
    (
        Fault::AsideIsCut,
        &["what_is_too_large_for_a_session_is_replaced_and_kept"],
    ),
    (
        Fault::EverythingAside,
        &["what_can_be_read_is_not_kept_aside"],
    ),
    (
        Fault::AsideBeforeTheLook,
        &["a_conflict_keeps_nothing_aside"],
    ),
    (
        Fault::DamageStopsLists,
        &["a_damaged_session_hides_no_other"],
    ),
    (Fault::LeaseForEverybody, &["a_lease_is_one_holders"]),
    (Fault::RefusalTakesTheLease, &["a_lease_is_one_holders"]),
    (Fault::LeaseIsWaitedFor, &["a_lease_is_refused_at_once"]),
    (
        Fault::LeaseOfItsHandle,
        &["a_lease_is_refused_whoever_opened_the_store"],
    ),
    (
        Fault::DropKeepsTheLease,
        &["a_lease_that_is_dropped_goes_back"],
    ),
    (
        Fault::ReleaseKeepsTheLease,
        &["a_lease_that_is_released_goes_back"],
    ),
    (
        Fault::PanicKeepsTheLease,
        &["a_lease_ends_with_the_panic_of_its_thread"],
    ),
    (
        Fault::LeaseOfItsThread,
        &["a_lease_goes_from_thread_to_thread"],
    ),
    (
        Fault::ApplyGivesTheLeaseBack,
        &["a_change_does_not_give_the_lease_back"],
    ),
    (
        Fault::FinishKeepsTheLease,
        &["a_lease_that_has_finished_goes_back"],
    ),
    (
        Fault::ConflictGivesTheLeaseBack,
        &["a_finish_that_conflicts_keeps_the_lease"],
    ),
    (
        Fault::FinishGivesBackTwice,
        &["a_finished_lease_takes_nothing_from_the_next_holder"],
    ),
    (
        Fault::RenewIsRefused,
        &["a_lease_is_renewed_while_it_is_held"],
    ),
    (
        Fault::RenewGivesBack,
        &["a_lease_is_renewed_while_it_is_held"],
    ),
    (
        Fault::HolderIsSomebodyElse,
        &["of_a_lease_its_own_holder_is_told_or_nobody"],
    ),
    (Fault::LoadLooksAtNothing, &["a_lease_that_ran_out_says_so"]),
    (
        Fault::RenewLooksAtNothing,
        &["a_lease_that_ran_out_says_so"],
    ),
    (Fault::OneLeaseForAll, &["a_lease_is_of_one_session"]),
    (
        Fault::FoundIsTheFirst,
        &["what_comes_with_a_lease_is_what_is_stored"],
    ),
    (
        Fault::FoundHasNoRescue,
        &["what_comes_with_a_lease_is_what_is_stored"],
    ),
    (
        Fault::FoundComesTwice,
        &["what_comes_with_a_lease_is_what_is_stored"],
    ),
    (
        Fault::ReadersWaitForTheLease,
        &["a_lease_keeps_nobody_from_reading"],
    ),
    (
        Fault::DropTakesAnyLease,
        &["who_lost_the_lease_takes_nothing_from_the_next_holder"],
    ),
    (Fault::KeysArePaths, &["odd_keys_are_sessions_of_their_own"]),
    (Fault::KeysAreFolded, &["keys_that_look_alike_do_not_meet"]),
    (Fault::KeysAreCut, &["long_keys_are_kept_in_full"]),
    (Fault::KeysAreHashed, &["many_keys_are_kept_apart"]),
    (
        Fault::KeysLosePrivateUse,
        &["any_unicode_is_a_key_of_its_own"],
    ),
    (
        Fault::ListEndsAtAThousand,
        &["ten_thousand_sessions_are_listed_in_full"],
    ),
    (Fault::ProbeStores, &["a_probe_leaves_nothing"]),
    (Fault::ProbeEndsRescue, &["a_probe_changes_nothing"]),
    (Fault::ProbeTakesTheLease, &["a_probe_changes_nothing"]),
    (Fault::ListAsTheyCame, &["a_list_is_in_the_order_of_keys"]),
    (
        Fault::ListInOrderOfLetters,
        &["a_list_is_in_the_order_of_keys"],
    ),
    (
        Fault::ListBeginsWithTheKey,
        &["a_list_goes_on_behind_a_key"],
    ),
    (
        Fault::ListForgetsWhereItWas,
        &["a_list_goes_on_behind_a_key"],
    ),
    (Fault::ListHasNoLimit, &["a_list_of_none_is_empty"]),
    (Fault::ListLimitOfThings, &["a_list_tears_no_key_apart"]),
    (Fault::ListOfSessionsOnly, &["a_list_shows_what_lies_there"]),
    (
        Fault::ListHidesTheLoggedOut,
        &["a_session_that_was_logged_out_is_listed"],
    ),
    (Fault::DueInOrderOfKeys, &["the_earliest_is_due_first"]),
    (
        Fault::DueIsExclusive,
        &["what_is_due_at_that_moment_is_due"],
    ),
    (
        Fault::DueHasNoLimit,
        &["no_more_are_due_than_were_asked_for"],
    ),
    (
        Fault::FirstDateStays,
        &["what_was_stored_last_says_when_it_is_due"],
    ),
    (
        Fault::NoDateIsTheOldOne,
        &[
            "what_has_no_date_is_not_due",
            "a_login_forgets_by_when_its_session_had_to_be_used",
        ],
    ),
    (
        Fault::DueTiesAsTheyCame,
        &["sessions_of_one_moment_are_due_in_the_order_of_keys"],
    ),
    (Fault::OneDateForBoth, &["each_date_is_asked_for_by_itself"]),
    (Fault::RescueIsLost, &["a_rescued_grant_is_read_back"]),
    (Fault::RescueIsTheRecord, &["a_rescue_changes_no_record"]),
    (
        Fault::RescueStaysTheFirst,
        &["a_later_rescue_takes_the_place_of_an_earlier_one"],
    ),
    (Fault::RescueIsForAll, &["a_rescue_is_of_one_session"]),
    (
        Fault::RescueNeverEnds,
        &[
            "a_login_ends_a_rescue",
            "a_logout_ends_a_rescue",
            "a_rotation_ends_a_rescue",
        ],
    ),
    (Fault::EveryChangeEndsRescue, &["an_intent_ends_no_rescue"]),
    (Fault::ConflictEndsRescue, &["a_conflict_ends_no_rescue"]),
    (
        Fault::RescueIsOpen,
        &["a_rescue_is_as_protected_as_the_record"],
    ),
    (
        Fault::SwapInTwoActs,
        &[
            "of_many_first_logins_one_is_first",
            "of_many_changes_of_one_record_one_is_applied",
        ],
    ),
    (
        Fault::LeaseInTwoActs,
        &["a_lease_is_one_holders_among_many"],
    ),
    (
        Fault::LeaseIsForItsLastHolder,
        &["a_lease_starves_none_of_those_who_try_again"],
    ),
    (
        Fault::ReadsOnce,
        &["a_login_is_seen_by_those_who_wait_for_the_lease"],
    ),
    (Fault::HalfWrites, &["no_reader_sees_half_a_record"]),
    (
        Fault::OneScratch,
        &["writers_of_many_sessions_do_not_mix_them_up"],
    ),
];

//! Programs that the types of the steps keep from compiling. Each stands beside the nearest program
//! that does compile, so that it fails for its own reason.

/// Two steps of one session cannot run at the same time, because a step borrows the session.
///
/// ```
/// # use twoba_core::{Session, Step, AccessToken, Timestamp, Want};
/// fn one_after_the_other(session: &mut Session, now: Timestamp) {
///     let first: Step<'_, AccessToken> = session.obtain(Want::Usable, now, None);
///     drop(first);
///     let second: Step<'_, AccessToken> = session.obtain(Want::Usable, now, None);
///     drop(second);
/// }
/// ```
///
/// ```compile_fail,E0499
/// # use twoba_core::{Session, Step, AccessToken, Timestamp, Want};
/// fn at_once(session: &mut Session, now: Timestamp) {
///     let first: Step<'_, AccessToken> = session.obtain(Want::Usable, now, None);
///     let second: Step<'_, AccessToken> = session.obtain(Want::Usable, now, None);
///     drop(first);
///     drop(second);
/// }
/// ```
///
/// The session's token cannot be read while a step runs, either:
///
/// ```compile_fail,E0502
/// # use twoba_core::{Session, Step, AccessToken, Timestamp, Want};
/// fn read_meanwhile(session: &mut Session, now: Timestamp) {
///     let first: Step<'_, AccessToken> = session.obtain(Want::Usable, now, None);
///     drop(session.token(now));
///     drop(first);
/// }
/// ```
enum OneAtATime {}

/// A receipt can be finished only once.
///
/// ```
/// # use twoba_core::{AccessToken, Durable, Receipt, Timestamp};
/// fn once(receipt: Receipt<'_, AccessToken>, now: Timestamp, proof: Durable) {
///     drop(receipt.saved(now, proof));
/// }
/// ```
///
/// ```compile_fail,E0382
/// # use twoba_core::{AccessToken, Durable, Receipt, Timestamp};
/// fn twice(receipt: Receipt<'_, AccessToken>, now: Timestamp, proof: Durable) {
///     drop(receipt.saved(now, proof));
///     drop(receipt.saved(now, proof));
/// }
/// ```
///
/// A reply takes only one answer:
///
/// ```
/// # use twoba_core::{AccessToken, Reply, Timestamp};
/// # use http::Response;
/// fn once(reply: Reply<'_, AccessToken>, now: Timestamp, answer: &Response<Vec<u8>>) {
///     drop(reply.received(now, answer));
/// }
/// ```
///
/// ```compile_fail,E0382
/// # use twoba_core::{AccessToken, Reply, Timestamp};
/// # use http::Response;
/// fn twice(reply: Reply<'_, AccessToken>, now: Timestamp, answer: &Response<Vec<u8>>) {
///     drop(reply.received(now, answer));
///     drop(reply.received(now, answer));
/// }
/// ```
enum Once {}

/// A receipt shows nothing of a grant that is not stored yet.
///
/// ```
/// # use twoba_core::{AccessToken, Durable, Receipt, Step, Timestamp};
/// fn stored(receipt: Receipt<'_, AccessToken>, now: Timestamp, proof: Durable) {
///     if let Step::Done(Ok(token)) = receipt.saved(now, proof) {
///         drop(token);
///     }
/// }
/// ```
///
/// ```compile_fail,E0616
/// # use twoba_core::{AccessToken, Receipt};
/// fn not_stored(receipt: Receipt<'_, AccessToken>) {
///     drop(receipt.saving);
/// }
/// ```
///
/// A fresh login cannot be read, either:
///
/// ```compile_fail,E0616
/// # use twoba_core::FreshGrant;
/// fn not_stored(fresh: FreshGrant) {
///     drop(fresh.granted);
/// }
/// ```
enum Withheld {}

/// A proof is about one change and is made from it.
///
/// ```
/// # use twoba_core::{Change, Durable};
/// fn about(change: &Change) -> Durable {
///     Durable::assertion(change)
/// }
/// ```
///
/// ```compile_fail,E0451
/// # use twoba_core::{Change, Durable};
/// fn about_nothing(change: &Change) -> Durable {
///     Durable { revision: change.revision() }
/// }
/// ```
enum Proven {}

/// Only this crate defines the goals of a session.
///
/// ```compile_fail,E0277
/// # use twoba_core::*;
/// # use http::Response;
/// struct Mine;
/// impl Goal for Mine {
///     type Saving = ();
///     type Sending = ();
///     fn saved(_: &mut Session, _: (), _: Timestamp) -> Step<'_, Self> { loop {} }
///     fn conflict(_: &mut Session, _: (), _: Timestamp, _: Option<StoredGrant>) -> Step<'_, Self> { loop {} }
///     fn not_saved(_: &mut Session, _: (), _: Timestamp) -> Step<'_, Self> { loop {} }
///     fn received<'s, B: AsRef<[u8]>>(_: &'s mut Session, _: (), _: Timestamp, _: &Response<B>) -> Step<'s, Self> { loop {} }
///     fn not_received(_: &mut Session, _: (), _: Timestamp, _: SendFailure) -> Step<'_, Self> { loop {} }
/// }
/// ```
///
/// ```
/// # use twoba_core::*;
/// fn known<T: Goal>(step: Step<'_, T>) -> bool {
///     matches!(step, Step::Done(_))
/// }
/// # let _: fn(Step<'_, AccessToken>) -> bool = known;
/// ```
enum Sealed {}

//! What a store says that stands before another one: the operations that it only passes on.

/// Writes the operations of a store, of a lease or of [`Maintained`](crate::Maintained) that only
/// pass on to a field: `pass_on!(store: read probe list)`. It stands in the `impl` of the trait,
/// beside the operations that do something else. `holder` and `found` have a default, which is
/// theirs where they are not named.
#[macro_export]
macro_rules! pass_on {
    ($to:ident: $($operation:ident)+) => {
        $($crate::pass_on!(@$operation $to);)+
    };
    (@read $to:ident) => {
        $crate::pass_on!(@@read(key: &$crate::conformance::core::SessionKey) $to
            -> Result<Option<$crate::conformance::core::StoredGrant>, $crate::StoreError>);
    };
    (@try_lease $to:ident) => {
        $crate::pass_on!(@@try_lease(key: &$crate::conformance::core::SessionKey) $to
            -> Result<Option<Box<dyn $crate::Lease>>, $crate::StoreError>);
    };
    (@holder $to:ident) => {
        $crate::pass_on!(@@holder(key: &$crate::conformance::core::SessionKey) $to
            -> Result<Option<u32>, $crate::StoreError>);
    };
    (@change $to:ident) => {
        $crate::pass_on!(@@change(key: &$crate::conformance::core::SessionKey, change: &$crate::conformance::core::Change) $to
            -> Result<$crate::conformance::core::Durable, $crate::ApplyError>);
    };
    (@probe $to:ident) => {
        $crate::pass_on!(@@probe(key: &$crate::conformance::core::SessionKey) $to -> Result<(), $crate::StoreError>);
    };
    (@due $to:ident) => {
        $crate::pass_on!(@@due(which: $crate::Due, before: $crate::conformance::core::Timestamp, limit: usize) $to
            -> Result<Vec<$crate::conformance::core::SessionKey>, $crate::StoreError>);
    };
    (@list $to:ident) => {
        $crate::pass_on!(@@list(after: Option<&$crate::conformance::core::SessionKey>, limit: usize) $to
            -> Result<Vec<$crate::Listed>, $crate::StoreError>);
    };
    (@rescue $to:ident) => {
        $crate::pass_on!(@@rescue(key: &$crate::conformance::core::SessionKey, record: &$crate::conformance::core::StoredGrant) $to
            -> Result<(), $crate::StoreError>);
    };
    (@rescued $to:ident) => {
        $crate::pass_on!(@@rescued(key: &$crate::conformance::core::SessionKey) $to
            -> Result<Option<$crate::conformance::core::StoredGrant>, $crate::StoreError>);
    };
    (@load $to:ident) => {
        $crate::pass_on!(@@mut load() $to
            -> Result<Option<$crate::conformance::core::StoredGrant>, $crate::StoreError>);
    };
    (@renew $to:ident) => {
        $crate::pass_on!(@@mut renew() $to -> Result<(), $crate::StoreError>);
    };
    (@found $to:ident) => {
        $crate::pass_on!(@@mut found() $to -> Option<$crate::Found>);
    };
    (@about $to:ident) => {
        $crate::pass_on!(@@about() $to -> Result<$crate::About, $crate::StoreError>);
    };
    (@adopt $to:ident) => {
        $crate::pass_on!(@@adopt() $to -> Result<(), $crate::StoreError>);
    };
    (@kept_aside $to:ident) => {
        $crate::pass_on!(@@kept_aside(of: Option<&$crate::conformance::core::SessionKey>) $to
            -> Result<Vec<$crate::KeptAside>, $crate::StoreError>);
    };
    (@restore $to:ident) => {
        $crate::pass_on!(@@restore(kept: &$crate::KeptAside) $to
            -> Result<(), $crate::StoreError>);
    };
    (@discard $to:ident) => {
        $crate::pass_on!(@@discard(kept: &$crate::KeptAside) $to
            -> Result<(), $crate::StoreError>);
    };
    (@seal_again $to:ident) => {
        $crate::pass_on!(@@seal_again(with: $crate::KeyId) $to
            -> Result<usize, $crate::StoreError>);
    };
    (@set_mark $to:ident) => {
        $crate::pass_on!(@@set_mark(mark: Option<&$crate::Mark>) $to
            -> Result<(), $crate::StoreError>);
    };
    (@hold $to:ident) => {
        $crate::pass_on!(@@hold(key: &$crate::conformance::core::SessionKey) $to
            -> Result<Option<Box<dyn $crate::Lease>>, $crate::StoreError>);
    };
    (@put $to:ident) => {
        $crate::pass_on!(@@put(key: &$crate::conformance::core::SessionKey, content: &$crate::Content,
            during: Option<&$crate::Mark>) $to
            -> Result<(), $crate::StoreError>);
    };
    (@remove $to:ident) => {
        $crate::pass_on!(@@remove(key: &$crate::conformance::core::SessionKey,
            during: Option<&$crate::Mark>) $to -> Result<(), $crate::StoreError>);
    };
    (@@mut $operation:ident() $to:ident -> $out:ty) => {
        fn $operation(&mut self) -> $out {
            self.$to.$operation()
        }
    };
    (@@$operation:ident($($name:ident: $type:ty),*) $to:ident -> $out:ty) => {
        fn $operation(&self, $($name: $type),*) -> $out {
            self.$to.$operation($($name),*)
        }
    };
}

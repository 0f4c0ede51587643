//! How the shared methods of all adapters wait in this one: they await.

macro_rules! awaited {
    ($work:expr) => {
        $work.await
    };
}

pub(crate) use awaited;

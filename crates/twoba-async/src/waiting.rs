//! How the methods that all adapters share wait here: they await.

macro_rules! awaited {
    ($work:expr) => {
        $work.await
    };
}

pub(crate) use awaited;

//! The walls as data: one row a crate. To let an edge through, amend the row here, with a reason in the review.

/// What one crate may know.
#[derive(Debug)]
pub(super) struct Wall {
    pub(super) name: &'static str,
    /// Our crates that it may ship with.
    pub(super) ours: &'static [&'static str],
    /// Crates of others that it may ship with. Dev-dependencies are free.
    pub(super) foreign: &'static [&'static str],
    /// What an edge to another of our crates would break.
    pub(super) why: &'static str,
}

/// A crate that the core must not reach by any way.
#[derive(Debug)]
pub(super) struct Barred {
    /// A name, or the start of one before `*`.
    pub(super) name: &'static str,
    pub(super) why: &'static str,
}

/// How many crates the core and all that it needs may be. They were 32 when the limit was set.
pub(super) const CORE_LIMIT: usize = 40;

pub(super) const CORE_NEVER: &[Barred] = &[
    Barred {
        name: "url",
        why: "it rewrites redirect URIs, which have to stay as they are byte for byte",
    },
    Barred {
        name: "idna",
        why: "it comes with URL parsing, which the core leaves alone",
    },
    Barred {
        name: "icu_*",
        why: "it comes with URL parsing, and weighs more than the rest of the core",
    },
];

pub(super) const WALLS: &[Wall] = &[
    Wall {
        name: "twoba-core",
        ours: &[],
        foreign: &[
            "http",
            // Which serde_json brings along in any case.
            "memchr",
            "serde",
            "serde_urlencoded",
            "serde_json",
            "sha2",
            "base64ct",
            "zeroize",
            "subtle",
            "thiserror",
        ],
        why: "the core is what everything stands on: no clock, file or socket, and nothing of ours below it",
    },
    Wall {
        name: "twoba-store",
        ours: &["twoba-core"],
        foreign: &["async-trait", "http", "tempfile", "thiserror"],
        why: "a store must serve any adapter, so it knows none",
    },
    Wall {
        name: "twoba-store-postgres",
        ours: &["twoba-core", "twoba-store"],
        foreign: &["async-trait", "postgres", "tokio-postgres", "thiserror"],
        why: "a store must serve any adapter, so it knows none",
    },
    Wall {
        name: "twoba-services",
        ours: &["twoba-core"],
        foreign: &[
            "http",
            "quick-xml",
            "serde_json",
            "serde_urlencoded",
            "thiserror",
        ],
        why: "the services are requests and answers only: whoever sends them is somebody else",
    },
    Wall {
        name: "twoba-blocking",
        ours: &["twoba-core", "twoba-store", "twoba-services"],
        foreign: &["getrandom", "http", "thiserror", "ureq"],
        why: "an adapter is one HTTP client and the crates below; the other adapter would bring a second one",
    },
    Wall {
        name: "twoba-async",
        ours: &["twoba-core", "twoba-store", "twoba-services"],
        foreign: &[
            "async-trait",
            "getrandom",
            "http",
            "reqwest",
            "rustls",
            "thiserror",
            "tokio",
        ],
        why: "an adapter is one HTTP client and the crates below; the other adapter would bring a second one",
    },
    Wall {
        name: "twoba-sample-services",
        ours: &[],
        foreign: &[
            "base64ct",
            // The request and the headers of the answer, in the types that hyper has too.
            "http",
            // Pages whose texts are escaped unless something is done about it.
            "maud",
            "quick-xml",
            "serde",
            "serde_json",
            // The style sheet and the script that a page's policy lets through, by their digests.
            "sha2",
            "thiserror",
        ],
        why: "an oracle must not share code with what it judges, and its services never see a token",
    },
    Wall {
        name: "twoba-emulator",
        ours: &["twoba-sample-services"],
        foreign: &[
            "base64ct",
            "getrandom",
            "hyper",
            "hyper-util",
            // The login page.
            "maud",
            "serde",
            "serde_json",
            "sha2",
            "subtle",
            "thiserror",
            "tokio",
        ],
        why: "an oracle must not share code with what it judges",
    },
    Wall {
        name: "twoba-cli",
        ours: &[
            "twoba-blocking",
            "twoba-core",
            "twoba-emulator",
            "twoba-services",
            "twoba-store",
            "twoba-store-postgres",
        ],
        foreign: &[
            "anstyle",
            "clap",
            "etcetera",
            "jiff",
            "rpassword",
            "serde",
            "serde_json",
            "tempfile",
            "toml",
            "webbrowser",
        ],
        why: "the program is blocking: a second HTTP stack would double what it weighs and how long it takes to start",
    },
    Wall {
        name: "twoba-testkit",
        ours: &[],
        foreign: &["http", "httparse"],
        why: "every crate tests with it, so it can know none of them",
    },
    Wall {
        name: "twoba-tests",
        ours: &[
            "twoba-async",
            "twoba-blocking",
            "twoba-cli",
            "twoba-core",
            "twoba-emulator",
            "twoba-services",
            "twoba-store",
            "twoba-store-postgres",
            "twoba-testkit",
        ],
        foreign: &[
            // The pictures that a browser takes.
            "base64ct",
            "http",
            "insta",
            "proptest",
            "serde_json",
            "tempfile",
            "tokio",
            "trybuild",
            // The browser's driver is spoken to by it.
            "ureq",
        ],
        why: "the tests see everything of ours but the chores",
    },
    Wall {
        name: "twoba-embedding",
        ours: &["twoba-core", "twoba-emulator"],
        foreign: &["http"],
        why: "the examples show the core with another stack, and none of our adapters",
    },
    Wall {
        name: "twoba-fuzz-bodies",
        ours: &["twoba-core", "twoba-emulator"],
        foreign: &["http", "serde", "serde_json", "sha2"],
        why: "the fuzz targets look at what others put bytes into: the core and the emulator",
    },
    Wall {
        name: "twoba-load",
        ours: &["twoba-emulator"],
        foreign: &[],
        why: "load is put on servers by sockets alone, and judged by nothing of ours",
    },
    Wall {
        name: "twoba-simulation",
        ours: &["twoba-core", "twoba-store"],
        foreign: &[
            "async-trait",
            "http",
            "serde",
            "serde_json",
            "serde_urlencoded",
            "sha2",
        ],
        why: "the simulated world is its own: no clock, file, socket or emulator but what it models",
    },
    Wall {
        name: "xtask",
        ours: &[],
        foreign: &["anyhow", "serde_json"],
        why: "the chores have to build when nothing else does",
    },
];

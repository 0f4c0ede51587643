//! Async OAuth2 client for 2BA on reqwest, that keeps its session.

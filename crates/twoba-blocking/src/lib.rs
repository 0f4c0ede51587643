//! Blocking OAuth2 client for 2BA on ureq, that keeps its session.

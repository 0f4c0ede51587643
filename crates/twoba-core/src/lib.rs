//! Sans-IO OAuth2 client: grant requests, answers, login and a session state machine.

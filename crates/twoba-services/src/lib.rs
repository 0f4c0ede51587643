//! Sans-IO requests and answers of the 2BA data services.

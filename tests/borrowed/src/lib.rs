//! Empty: a package must have something. What counts is what it depends on.

//! The runtime of JavaScript actions of the post-challenge trigger.

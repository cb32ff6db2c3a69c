//! All black-box tests, one file for each topic, one program to link.

mod pipeline;

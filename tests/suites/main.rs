//! All black-box tests, one file for each topic, one program to link.

mod api;
mod cli;
mod crash;
mod event;
mod examples;
mod failure;
mod flow_file;
mod javascript;
mod limits;
mod load;
mod outbound;
mod pipeline;
mod secrets;
mod store;
mod suspension;
mod tidy;
mod token;
mod typescript;

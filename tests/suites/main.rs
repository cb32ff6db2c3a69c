//! All black-box tests, one file for each topic, one program to link.

mod answers;
mod api;
mod browser;
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
mod password_reset;
mod pipeline;
mod postgres;
mod sealing;
mod secrets;
mod serve;
mod standing;
mod store;
mod survival;
mod suspension;
mod tidy;
mod token;
mod typescript;

//! Contract §6: Auth0's JavaScript as it is. What such files use, what they may
//! rely on, and what happens to those that are broken.

mod auth0;
mod broken;
mod built;
mod fresh;
mod outbound;
mod refused;
mod runtime;

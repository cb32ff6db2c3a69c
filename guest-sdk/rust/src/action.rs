//! What an author implements, and how it becomes a component's exports.
//!
//! [`Action`] has one method for each handler of the trigger. [`export!`]
//! ties a type to the exports of the contract; `Component` is the knot and
//! keeps true that an [`Error`] always leaves as the contract's `failure`.

use std::marker::PhantomData;

use crate::bindings::exports::flowhost::post_challenge::{on_continue, on_execute};
use crate::bindings::flowhost::post_challenge::types::Failure;
use crate::{Api, Error, Event};

/// An action of the password reset / post-challenge trigger.
///
/// What a handler asks for through [`Api`] takes effect after it returned
/// `Ok`. An error drops all of it and fails the flow: no password may be set
/// then. Every run gets a fresh instance, so nothing kept in memory is there
/// in the next one.
///
/// ```
/// use flowhost_action::{Action, Api, Error, Event, Factor};
///
/// struct RequireMfa;
///
/// impl Action for RequireMfa {
///     fn on_execute(_event: &Event, api: &Api) -> Result<(), Error> {
///         api.authentication().challenge_with(Factor::otp())?;
///         Ok(())
///     }
/// }
///
/// flowhost_action::export!(RequireMfa);
/// ```
pub trait Action {
    /// Runs when the flow reaches the action.
    fn on_execute(event: &Event, api: &Api) -> Result<(), Error>;

    /// Runs when the user comes back from a redirect or answers a prompt this
    /// action asked for. [`Event::request`] is then the request they came back
    /// with. Unless written, it does nothing and the flow goes on with the next
    /// action.
    fn on_continue(event: &Event, api: &Api) -> Result<(), Error> {
        let _ = (event, api);
        Ok(())
    }
}

/// Make `$action` the component's action. Once in a crate, whose manifest says
/// `crate-type = ["cdylib"]`.
///
/// The component gets an allocator that is made for lives as short as that of a run.
/// An action that brings one of its own says so: `export!(MyAction, own_allocator)`.
///
/// On a native target it only checks that the type is an [`Action`].
#[macro_export]
macro_rules! export {
    ($action:ty) => {
        #[cfg(target_family = "wasm")]
        #[global_allocator]
        static FLOWHOST_HEAP: $crate::plumbing::Heap = $crate::plumbing::Heap::new();

        $crate::export!($action, own_allocator);
    };
    ($action:ty, own_allocator) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Exported = $crate::plumbing::Component<$action>;
    $crate::bindings::export_action!(Exported with_types_in $crate::bindings);
        };

        #[cfg(not(target_family = "wasm"))]
        const _: $crate::plumbing::Component<$action> =
            $crate::plumbing::Component::<$action>::new();
    };
}

/// The exports of the contract, answered by `A`.
#[derive(Debug)]
pub struct Component<A>(PhantomData<A>);

impl<A: Action> Component<A> {
    /// For [`export!`] alone.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<A: Action> Default for Component<A> {
    fn default() -> Self {
        Self::new()
    }
}

impl<A: Action> on_execute::Guest for Component<A> {
    fn handle() -> Result<(), Failure> {
        #[cfg(all(target_family = "wasm", target_os = "unknown"))]
        crate::panics::report();
        A::on_execute(&Event::new(), &Api::new()).map_err(Failure::from)
    }
}

impl<A: Action> on_continue::Guest for Component<A> {
    fn handle() -> Result<(), Failure> {
        #[cfg(all(target_family = "wasm", target_os = "unknown"))]
        crate::panics::report();
        A::on_continue(&Event::new(), &Api::new()).map_err(Failure::from)
    }
}

//! What an author implements, and how it becomes a component's exports.
//!
//! [`Action`] is the handler that every action has, [`Continue`] the one for the way
//! back. [`export!`] ties a type to the exports of the contract, and a component
//! has no export that nobody wrote: the host could not tell it from a handler
//! and would let the flow go on. `Component` is the knot and keeps true that an
//! [`Error`] always leaves as the contract's `failure`.

use std::marker::PhantomData;

use crate::bindings::continues::exports::flowhost::post_challenge::on_continue;
use crate::bindings::exports::flowhost::post_challenge::on_execute;
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
}

/// An [`Action`] that goes on when the user comes back.
///
/// An action that redirects or shows a form must be one: without it the flow fails at
/// that moment, with `continue_missing`, and `flowhost check` says so before.
///
/// ```
/// use flowhost_action::{Action, Api, Continue, Error, Event, Form};
///
/// struct AskForConsent;
///
/// impl Action for AskForConsent {
///     fn on_execute(_event: &Event, api: &Api) -> Result<(), Error> {
///         Ok(api.prompt().render(Form::new("terms"))?)
///     }
/// }
///
/// impl Continue for AskForConsent {
///     fn on_continue(event: &Event, api: &Api) -> Result<(), Error> {
///         if event.text_at("/prompt/fields/agreed").as_deref() != Some("yes") {
///             api.access().deny("Without your consent the password stays as it is.")?;
///         }
///         Ok(())
///     }
/// }
///
/// flowhost_action::export!(AskForConsent, on_continue);
/// ```
pub trait Continue: Action {
    /// Runs when the user comes back from a redirect or answers a prompt this
    /// action asked for. [`Event::request`] is then the request they came back
    /// with. An empty one will do: the flow goes on with the next action.
    fn on_continue(event: &Event, api: &Api) -> Result<(), Error>;
}

/// Make `$action` the component's action. Once in a crate, whose manifest says
/// `crate-type = ["cdylib"]`.
///
/// `export!(MyAction)` exports [`Action`], `export!(MyAction, on_continue)` exports
/// [`Continue`] as well. To leave the second out where it is written is an error:
///
/// ```compile_fail
/// # use flowhost_action::{Action, Api, Continue, Error, Event};
/// # struct Verify;
/// # impl Action for Verify {
/// #     fn on_execute(_: &Event, _: &Api) -> Result<(), Error> { Ok(()) }
/// # }
/// impl Continue for Verify {
///     fn on_continue(_: &Event, _: &Api) -> Result<(), Error> {
///         Ok(())
///     }
/// }
/// flowhost_action::export!(Verify);
/// ```
///
/// The component gets an allocator that is made for lives as short as that of a run.
/// An action that brings one of its own says so, as the last word:
/// `export!(MyAction, own_allocator)`, `export!(MyAction, on_continue, own_allocator)`.
///
/// On a native target it only checks that the type is what is exported.
#[macro_export]
macro_rules! export {
    ($action:ty) => {
        $crate::export!(@heap);
        $crate::export!($action, own_allocator);
    };
    ($action:ty, on_continue) => {
        $crate::export!(@heap);
        $crate::export!($action, on_continue, own_allocator);
    };
    ($action:ty, own_allocator) => {
        $crate::export!(@execute $action);

        const _: () = {
            use $crate::plumbing::NotContinued as _;
            assert!(
                !$crate::plumbing::Component::<$action>::CONTINUES,
                concat!("it has on_continue: export!(", stringify!($action), ", on_continue)"),
            );
        };
    };
    ($action:ty, on_continue, own_allocator) => {
        $crate::export!(@execute $action);

        #[cfg(target_family = "wasm")]
        const _: () = {
            type Exported = $crate::plumbing::Component<$action>;
            $crate::bindings::continues::export_continue!(
                Exported with_types_in $crate::bindings::continues
            );
        };

        const _: () = $crate::plumbing::continues::<$action>();
    };
    (@execute $action:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Exported = $crate::plumbing::Component<$action>;
            $crate::bindings::export_execute!(Exported with_types_in $crate::bindings);
        };

        const _: () = $crate::plumbing::executes::<$action>();
    };
    (@heap) => {
        #[cfg(target_family = "wasm")]
        #[global_allocator]
        static FLOWHOST_HEAP: $crate::plumbing::Heap = $crate::plumbing::Heap::new();
    };
}

/// The exports of the contract, answered by `A`.
#[derive(Debug)]
pub struct Component<A>(PhantomData<A>);

impl<A: Continue> Component<A> {
    /// Found before the one of [`NotContinued`], where there is this one.
    pub const CONTINUES: bool = true;
}

/// For [`export!`] alone, which cannot ask whether a type has a trait.
pub trait NotContinued {
    /// What is found where `A` is no [`Continue`].
    const CONTINUES: bool = false;
}

impl<A> NotContinued for Component<A> {}

/// For [`export!`] alone.
pub const fn executes<A: Action>() {}

/// For [`export!`] alone.
pub const fn continues<A: Continue>() {}

/// Runs the first handler.
pub(crate) fn execute<A: Action>() -> Result<(), Failure> {
    #[cfg(all(target_family = "wasm", target_os = "unknown"))]
    crate::panics::report();
    A::on_execute(&Event::new(), &Api::new()).map_err(Failure::from)
}

/// Runs the second handler.
pub(crate) fn continue_<A: Continue>() -> Result<(), Failure> {
    #[cfg(all(target_family = "wasm", target_os = "unknown"))]
    crate::panics::report();
    A::on_continue(&Event::new(), &Api::new()).map_err(Failure::from)
}

impl<A: Action> on_execute::Guest for Component<A> {
    fn handle() -> Result<(), Failure> {
        execute::<A>()
    }
}

impl<A: Continue> on_continue::Guest for Component<A> {
    fn handle() -> Result<(), Failure> {
        continue_::<A>()
    }
}

//! [`Limits`]: every quantity a flow, an action or a request can reach, in
//! one table, with its default. A flow file sets them under `[limits]`, for
//! the whole flow, or for one action, by the names used here.
//!
//! The table in the README is printed from [`LIMITS`]; a test compares them.

use serde::{Deserialize, Serialize};

use crate::error::Code;

/// How a limit is counted and spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// A plain number.
    Count,
    /// Bytes; a flow file also takes `"64 MiB"`.
    Bytes,
    /// Milliseconds; a flow file takes a duration such as `"20s"`.
    Millis,
}

/// Where a limit may be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// For the flow, and for a single action.
    Action,
    /// For the flow as a whole.
    Flow,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct LimitInfo {
    /// The name, as in a flow file and as the field of [`Limits`].
    pub name: &'static str,
    /// How it is counted.
    pub unit: Unit,
    /// Where it may be set.
    pub scope: Scope,
    /// The default.
    pub default: u64,
    /// The error when it is passed; none where the rest is only counted.
    pub code: Option<Code>,
    /// What it bounds.
    pub what: &'static str,
}

macro_rules! limits {
    ($($name:ident: $unit:ident, $scope:ident, $default:expr, $code:expr, $what:literal;)*) => {
        /// The limits of a flow or an action.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        #[non_exhaustive]
        pub struct Limits { $(#[doc = $what] pub $name: u64,)* }

        impl Default for Limits {
            fn default() -> Self {
                Limits { $($name: $default,)* }
            }
        }

        /// The table.
        pub const LIMITS: &[LimitInfo] = &[$(LimitInfo {
            name: stringify!($name),
            unit: Unit::$unit,
            scope: Scope::$scope,
            default: $default,
            code: $code,
            what: $what,
        },)*];

        impl Limits {
            /// Sets the limit called `name`; false when there is none.
            pub(crate) fn set(&mut self, name: &str, value: u64) -> bool {
                match name {
                    $(stringify!($name) => self.$name = value,)*
                    _ => return false,
                }
                true
            }

            /// The limit called `name`.
            pub fn get(&self, name: &str) -> Option<u64> {
                match name {
                    $(stringify!($name) => Some(self.$name),)*
                    _ => None,
                }
            }
        }
    };
}

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
const MINUTES: u64 = 60_000;

/// What one run can have at most, whatever its limits say.
pub(crate) const MAX_MEMORY: u64 = 4096 * MIB;
pub(crate) const MAX_INSTANCES: u64 = 64;
pub(crate) const MAX_TABLE_ELEMENTS: u64 = 1 << 20;

limits! {
    actions: Count, Flow, 4, Some(Code::TooManyActions), "Actions in the flow.";
    fuel: Count, Action, 500_000_000, Some(Code::OutOfFuel), "Fuel of one run; about one unit for each wasm instruction.";
    cpu_time: Millis, Action, 1_000, Some(Code::CpuTimeExceeded), "Time one run may compute, waiting not included.";
    wall_clock: Millis, Flow, 20_000, Some(Code::WallClockExceeded), "Time from a start or resume to its outcome, all actions and waiting included.";
    memory: Bytes, Action, 64 * MIB, Some(Code::MemoryLimitExceeded), "Linear memory of one run, all memories together.";
    table_elements: Count, Action, 20_000, Some(Code::TableLimitExceeded), "Table elements of one run, all tables together.";
    instances: Count, Action, 64, Some(Code::InstancesExceeded), "Core instances of one run.";
    handles: Count, Action, 256, Some(Code::HandlesExceeded), "Resource handles alive in one run.";
    host_calls: Count, Action, 1_000, Some(Code::HostCallsExceeded), "Calls of one run into the host.";
    host_call_bytes: Bytes, Action, MIB, Some(Code::HostCallBytesExceeded), "Data that one call hands to the host.";
    host_bytes: Bytes, Action, 4 * MIB, Some(Code::HostCallBytesExceeded), "Data that one run exchanges with the host, all calls together.";
    commands: Count, Action, 32, Some(Code::MaxSideEffectsExceeded), "Commands of one run.";
    challenges: Count, Flow, 4, Some(Code::TooManyChallenges), "Challenge commands in a flow, over all actions.";
    suspensions: Count, Flow, 8, Some(Code::TooManySuspensions), "Times a flow may suspend.";
    state_lifetime: Millis, Flow, 60 * MINUTES, Some(Code::StateExpired), "Time a suspended flow waits.";
    event: Bytes, Flow, 256 * KIB, Some(Code::EventTooLarge), "The event, as JSON.";
    continue_request: Bytes, Flow, 64 * KIB, Some(Code::ContinueRequestTooLarge), "Query and body of a continue request.";
    redirect_url: Bytes, Action, 8 * KIB, Some(Code::UrlTooLong), "A URL to redirect to, `state` included.";
    deny_reason: Bytes, Action, KIB, Some(Code::DenyReasonTooLong), "The reason of a denial.";
    prompt: Bytes, Action, 24 * KIB, Some(Code::InvalidPrompt), "Fields and variables of a prompt, as JSON.";
    outbound_requests: Count, Action, 10, Some(Code::OutboundRefused), "Requests of one run to other sites, redirects included.";
    outbound_response: Bytes, Action, MIB, Some(Code::OutboundRefused), "The body of a response, as it was sent.";
    log_bytes: Bytes, Action, 16 * KIB, None, "Log text kept of one run; the rest is counted.";
    log_lines: Count, Action, 256, None, "Log lines kept of one run; the rest is counted.";
    component: Bytes, Action, 32 * MIB, Some(Code::ComponentTooLarge), "A component.";
    functions: Count, Action, 200_000, Some(Code::ComponentTooComplex), "Functions of a component, imported ones included.";
    modules: Count, Action, 256, Some(Code::ComponentTooComplex), "Modules and components nested in a component.";
    compile_time: Millis, Action, 60_000, Some(Code::CompileTimeExceeded), "Time to compile a component; one below 1 MiB has 5s at most.";
    compile_memory: Bytes, Action, 2048 * MIB, Some(Code::CompileMemoryExceeded), "Memory to compile a component; one below 1 MiB has 512 MiB at most.";
    machine_code: Bytes, Action, 128 * MIB, Some(Code::ComponentTooComplex), "What a component compiles to; one below 1 MiB has 16 MiB at most.";
}

impl LimitInfo {
    /// The row of the limit called `name`.
    pub fn of(name: &str) -> Option<&'static LimitInfo> {
        LIMITS.iter().find(|limit| limit.name == name)
    }

    /// The most it can be set to: what the pool of memory is made for. None where
    /// there is no such thing.
    pub fn most(&self) -> Option<u64> {
        match self.name {
            "memory" => Some(MAX_MEMORY),
            "instances" => Some(MAX_INSTANCES),
            "table_elements" => Some(MAX_TABLE_ELEMENTS),
            _ => None,
        }
    }

    /// What is wrong with `value`, if something is.
    pub(crate) fn refuse(&self, value: u64) -> Option<String> {
        let most = self.most().filter(|most| value > *most)?;
        Some(format!("`{}` is at most {}", self.name, self.display(most)))
    }

    /// A value of this limit as people write it: `64 MiB`, `20s`, `500000000`.
    pub fn display(&self, value: u64) -> String {
        match self.unit {
            Unit::Count => value.to_string(),
            Unit::Bytes if value.is_multiple_of(1024 * MIB) => {
                format!("{} GiB", value / MIB / 1024)
            }
            Unit::Bytes if value.is_multiple_of(MIB) => format!("{} MiB", value / MIB),
            Unit::Bytes if value.is_multiple_of(KIB) => format!("{} KiB", value / KIB),
            Unit::Bytes => format!("{value} B"),
            Unit::Millis => {
                humantime::format_duration(std::time::Duration::from_millis(value)).to_string()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_set_and_read_by_its_name() {
        let mut limits = Limits::default();
        assert!(limits.set("fuel", 7));
        assert_eq!((limits.fuel, limits.get("fuel")), (7, Some(7)));
        assert!(!limits.set("petrol", 7));
    }

    #[test]
    fn what_no_run_can_have_is_refused() {
        let refused = |name: &str, value| LimitInfo::of(name).and_then(|l| l.refuse(value));
        assert_eq!(refused("instances", 64), None);
        assert_eq!(refused("instances", 65).as_deref(), Some("`instances` is at most 64"));
        assert_eq!(refused("memory", 4096 * MIB), None);
        assert_eq!(refused("memory", u64::MAX).as_deref(), Some("`memory` is at most 4 GiB"));
        assert_eq!(refused("fuel", u64::MAX), None);
    }

    #[test]
    fn values_are_spelled_with_their_units() {
        let spelled = |name: &str, value| LimitInfo::of(name).map(|limit| limit.display(value));
        assert_eq!(spelled("memory", 64 * MIB).as_deref(), Some("64 MiB"));
        assert_eq!(spelled("wall_clock", 20_000).as_deref(), Some("20s"));
        assert_eq!(spelled("deny_reason", 1000).as_deref(), Some("1000 B"));
    }
}

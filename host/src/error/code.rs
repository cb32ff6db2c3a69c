//! [`Code`]: every error flowhost can answer with, in one table. A code never
//! changes its name or its kind; `flowhost explain CODE` prints its page from
//! `codes.md`, and a test holds the two together.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Who has to act on an error. Decides the exit code of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The caller: a flow file, an event, a component, an argument. Exit 2.
    Input,
    /// The operator: a store, a file, a tool is missing. Exit 3.
    Environment,
    /// The state of a suspended flow is not accepted. Exit 21.
    Refused,
    /// The outcome `failed`: the flow ended, no password may be set. Exit 20.
    Failure,
    /// A call that an action made was refused; the action decides what next.
    Call,
    /// A fault in flowhost. Exit 70.
    Internal,
}

macro_rules! codes {
    ($($kind:ident { $($variant:ident = $text:literal,)* })*) => {
        /// The name of an error: stable, fit for programs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[expect(missing_docs, reason = "codes.md documents each")]
        pub enum Code { $($($variant,)*)* }

        impl Code {
            /// All codes.
            pub const ALL: &[Code] = &[$($(Code::$variant,)*)*];

            /// The name, as it is written in reports and logs.
            pub fn as_str(self) -> &'static str {
                match self { $($(Code::$variant => $text,)*)* }
            }

            /// Who has to act.
            pub fn kind(self) -> Kind {
                match self { $($(Code::$variant => Kind::$kind,)*)* }
            }
        }
    };
}

codes! {
    Input {
        Usage = "usage",
        FileUnreadable = "file_unreadable",
        FlowInvalid = "flow_invalid",
        TriggerUnknown = "trigger_unknown",
        TooManyActions = "too_many_actions",
        SecretUnavailable = "secret_unavailable",
        BuildFailed = "build_failed",
        SourceInvalid = "source_invalid",
        ComponentTooLarge = "component_too_large",
        NotAComponent = "not_a_component",
        ComponentTooComplex = "component_too_complex",
        ComponentInvalid = "component_invalid",
        ComponentWrongWorld = "component_wrong_world",
        ComponentImportRefused = "component_import_refused",
        ComponentApiTooNew = "component_api_too_new",
        CompileTimeExceeded = "compile_time_exceeded",
        CompileMemoryExceeded = "compile_memory_exceeded",
        EventInvalid = "event_invalid",
        EventTooLarge = "event_too_large",
        ConnectionNotSupported = "connection_not_supported",
        ClassicLoginNotSupported = "classic_login_not_supported",
        ContinueRequestTooLarge = "continue_request_too_large",
        ContinueRequestInvalid = "continue_request_invalid",
        WrongResume = "wrong_resume",
        FactorNotOffered = "factor_not_offered",
        UserMismatch = "user_mismatch",
        KeysInvalid = "keys_invalid",
        FlowUnknown = "flow_unknown",
        FlowRunning = "flow_running",
        FlowEnded = "flow_ended",
        ApiKeyRefused = "api_key_refused",
        RequestInvalid = "request_invalid",
        RequestTooLarge = "request_too_large",
        RequestTimeout = "request_timeout",
        MediaTypeUnsupported = "media_type_unsupported",
        RouteUnknown = "route_unknown",
        MethodNotAllowed = "method_not_allowed",
        CodeUnknown = "code_unknown",
    }
    Environment {
        StoreUnavailable = "store_unavailable",
        StoreIncompatible = "store_incompatible",
        SealBroken = "seal_broken",
        KeyUnknown = "key_unknown",
        KeysMissing = "keys_missing",
        ToolchainMissing = "toolchain_missing",
        FlowNotLoaded = "flow_not_loaded",
        Overloaded = "overloaded",
        EngineUnavailable = "engine_unavailable",
        CompilerUnavailable = "compiler_unavailable",
    }
    Refused {
        StateUnknown = "state_unknown",
        StateAlreadyUsed = "state_already_used",
        StateExpired = "state_expired",
        StateWrongBrowser = "state_wrong_browser",
    }
    Failure {
        ActionVersionGone = "action_version_gone",
        ActionUnavailable = "action_unavailable",
        OutOfFuel = "out_of_fuel",
        CpuTimeExceeded = "cpu_time_exceeded",
        WallClockExceeded = "wall_clock_exceeded",
        ActionError = "action_error",
        ActionTrapped = "action_trapped",
        MemoryLimitExceeded = "memory_limit_exceeded",
        TableLimitExceeded = "table_limit_exceeded",
        InstancesExceeded = "instances_exceeded",
        HandlesExceeded = "handles_exceeded",
        StackOverflow = "stack_overflow",
        HostCallsExceeded = "host_calls_exceeded",
        HostCallBytesExceeded = "host_call_bytes_exceeded",
        RedirectAndRender = "redirect_and_render",
        MultipleRenders = "multiple_renders",
        ConflictingCommands = "conflicting_commands",
        ContinueMissing = "continue_missing",
        CommandRefused = "command_refused",
        NoUsableFactor = "no_usable_factor",
        TooManyChallenges = "too_many_challenges",
        TooManySuspensions = "too_many_suspensions",
    }
    Call {
        MaxSideEffectsExceeded = "MaxSideEffectsExceeded",
        DenyReasonTooLong = "DenyReasonTooLong",
        InvalidUrl = "InvalidUrl",
        UrlNotAllowed = "UrlNotAllowed",
        UrlTooLong = "UrlTooLong",
        SecretInUrl = "SecretInUrl",
        InvalidPrompt = "InvalidPrompt",
        InvalidPayload = "InvalidPayload",
        UnknownSecret = "UnknownSecret",
        TokenMissing = "TokenMissing",
        TokenInvalid = "TokenInvalid",
        CacheKeySizeExceeded = "CacheKeySizeExceeded",
        CacheValueSizeExceeded = "CacheValueSizeExceeded",
        CacheSizeExceeded = "CacheSizeExceeded",
        InvalidExpiry = "InvalidExpiry",
        ItemAlreadyExpired = "ItemAlreadyExpired",
        CacheKeyDoesNotExist = "CacheKeyDoesNotExist",
        OutboundRefused = "OutboundRefused",
        OutboundFailed = "OutboundFailed",
    }
    Internal {
        Internal = "internal",
    }
}

impl Code {
    /// The code with this name.
    pub fn from_name(name: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.as_str() == name)
    }

    /// The page of `flowhost explain`: what happened, why flowhost refuses,
    /// how to mend it. Markdown.
    pub fn explanation(self) -> &'static str {
        let heading = format!("## {}\n", self.as_str());
        let pages = include_str!("codes.md");
        let page = pages.split_once(&heading).map_or("", |(_, rest)| rest);
        page.split("\n## ").next().unwrap_or_default().trim()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Code::from_name(&name).ok_or_else(|| de::Error::custom("there is no such code"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_and_every_page_a_code() {
        for code in Code::ALL {
            assert!(code.explanation().len() > 80, "codes.md lacks a page for {code}");
        }
        let headings = include_str!("codes.md").lines().filter_map(|line| line.strip_prefix("## "));
        for name in headings {
            assert!(Code::from_name(name).is_some(), "codes.md explains `{name}`, no such code");
        }
    }

    #[test]
    fn no_two_codes_share_a_name() {
        for code in Code::ALL {
            assert_eq!(Code::from_name(code.as_str()), Some(*code));
        }
    }
}

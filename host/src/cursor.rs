//! [`Cursor`]: where a flow stands and what comes next. A pure function of
//! what happened: no I/O, no clock, no wasm. The engine asks it what to do,
//! does it, and tells it how it went.
//!
//! Kept true: the position never moves back; only [`Step::Completed`] lets a
//! password be set, and it is reached only past the last action with every
//! challenge met.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::effects::{Challenge, Effects, Factor, FactorType, Verdict};
use crate::error::Code;

/// Which export of an action runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Handler {
    /// When the flow reaches the action.
    OnExecute,
    /// When the user comes back to it.
    OnContinue,
}

impl Handler {
    /// The name of the exported interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Handler::OnExecute => "on-execute",
            Handler::OnContinue => "on-continue",
        }
    }
}

/// Where a flow stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    position: usize,
    handler: Handler,
    /// Challenges of the last run that are not met yet, the first one first.
    pending: VecDeque<Challenge>,
    met: Vec<FactorType>,
    challenges: u64,
    suspensions: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    result_url: Option<String>,
}

/// What a decision depends on, beside the cursor.
pub(crate) struct Rules<'a> {
    pub(crate) actions: usize,
    /// Whether the action at the cursor has a continue export.
    pub(crate) has_continue: bool,
    pub(crate) enabled: Option<&'a [FactorType]>,
    /// Asked for when there is a challenge: most flows have none.
    pub(crate) enrolled: &'a (dyn Fn() -> Enrolled + Sync),
    pub(crate) max_challenges: u64,
    pub(crate) max_suspensions: u64,
}

/// The factors a user can be challenged with.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Enrolled {
    /// None: they could not be fetched.
    pub(crate) factors: Option<Vec<FactorType>>,
    /// A verified address can receive a code, enrolled or not.
    pub(crate) verified_email: bool,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    Run { action: usize, handler: Handler },
    Suspend(Wait),
    Completed,
    Denied { action: usize, reason: String },
    Failed { action: usize, code: Code, message: String },
}

/// What a suspended flow waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Wait {
    /// For its browser, before the first action.
    Browser,
    Redirect {
        url: String,
    },
    Prompt {
        id: String,
        fields: Option<Value>,
        vars: Option<Value>,
    },
    Challenge {
        factors: Vec<Factor>,
        picker: bool,
    },
}

impl Enrolled {
    fn has(&self, factor: FactorType) -> bool {
        let listed = self.factors.as_deref().unwrap_or_default();
        match factor {
            FactorType::Email if self.verified_email => true,
            // Handed out with the first factor and not listed on its own.
            FactorType::RecoveryCode => !listed.is_empty(),
            other => listed.contains(&other),
        }
    }
}

impl Cursor {
    /// Before the first action.
    pub(crate) fn new() -> Self {
        Cursor {
            position: 0,
            handler: Handler::OnExecute,
            pending: VecDeque::new(),
            met: Vec::new(),
            challenges: 0,
            suspensions: 0,
            result_url: None,
        }
    }

    pub(crate) fn position(&self) -> usize {
        self.position
    }

    pub(crate) fn result_url(&self) -> Option<&str> {
        self.result_url.as_deref()
    }

    /// What to do next: at the start and after a resume.
    pub(crate) fn next(&mut self, rules: &Rules<'_>) -> Step {
        while let Some(challenge) = self.pending.front() {
            let factors = self.usable(challenge, rules);
            let picker = challenge.picker && factors.len() > 1;
            if !factors.is_empty() {
                // The challenge stems from the action before.
                let issuer = self.position.saturating_sub(1);
                return self.suspend(issuer, Wait::Challenge { factors, picker }, rules);
            }
            if !challenge.factors.iter().any(|factor| self.met.contains(&factor.kind)) {
                return self.no_usable_factor(rules);
            }
            self.pending.pop_front();
        }
        if self.position >= rules.actions {
            return Step::Completed;
        }
        Step::Run { action: self.position, handler: self.handler }
    }

    /// What to do after the action at the cursor ran and asked for `effects`.
    pub(crate) fn settle(&mut self, effects: &Effects, rules: &Rules<'_>) -> Step {
        let verdict = effects.verdict();
        if let Some(url) = effects.result_url().filter(|_| !matches!(verdict, Verdict::Abort(..))) {
            self.result_url = Some(url.to_owned());
        }
        self.challenges += effects.challenge_count() as u64;
        match verdict {
            Verdict::Deny { reason } => Step::Denied { action: self.position, reason },
            Verdict::Abort(code, message) => self.fail(code, message),
            _ if self.challenges > rules.max_challenges => self.fail(
                Code::TooManyChallenges,
                format!(
                    "{} challenges; a flow may issue {}",
                    self.challenges, rules.max_challenges
                ),
            ),
            Verdict::Redirect { .. } | Verdict::Render { .. } if !rules.has_continue => self.fail(
                Code::ContinueMissing,
                "The action asked to send the user away but has no continue export to go on with.",
            ),
            Verdict::Redirect { url } => self.suspend(self.position, Wait::Redirect { url }, rules),
            Verdict::Render { id, fields, vars } => {
                self.suspend(self.position, Wait::Prompt { id, fields, vars }, rules)
            }
            Verdict::Challenge(challenges) => {
                self.pending = challenges.into();
                self.advance();
                self.next(rules)
            }
            Verdict::Continue => {
                self.advance();
                self.next(rules)
            }
        }
    }

    /// The user came back from a redirect or answered a prompt: the same
    /// action goes on.
    pub(crate) fn returned(&mut self) {
        self.handler = Handler::OnContinue;
    }

    /// The user met the challenge with `factor`: the next one, or the next
    /// action.
    pub(crate) fn met(&mut self, factor: FactorType) {
        self.pending.pop_front();
        if !self.met.contains(&factor) {
            self.met.push(factor);
        }
    }

    fn advance(&mut self) {
        self.position += 1;
        self.handler = Handler::OnExecute;
    }

    fn suspend(&mut self, action: usize, wait: Wait, rules: &Rules<'_>) -> Step {
        self.suspensions += 1;
        if self.suspensions > rules.max_suspensions {
            let message = format!("a flow may suspend {} times", rules.max_suspensions);
            return Step::Failed { action, code: Code::TooManySuspensions, message };
        }
        Step::Suspend(wait)
    }

    fn usable(&self, challenge: &Challenge, rules: &Rules<'_>) -> Vec<Factor> {
        let mut usable: Vec<Factor> = Vec::new();
        let enrolled = (rules.enrolled)();
        for factor in &challenge.factors {
            let enabled = rules.enabled.is_none_or(|enabled| enabled.contains(&factor.kind));
            let twice = usable.iter().any(|other| other.kind == factor.kind);
            let met = self.met.contains(&factor.kind);
            if enabled && !twice && !met && enrolled.has(factor.kind) {
                usable.push(factor.clone());
            }
        }
        usable
    }

    fn no_usable_factor(&self, rules: &Rules<'_>) -> Step {
        let why = match (rules.enrolled)().factors {
            Some(_) => {
                "The user has enrolled none of the factors that were asked for and are enabled."
            }
            None => "The user's enrolled factors could not be fetched.",
        };
        Step::Failed {
            // The challenge stems from the action before.
            action: self.position.saturating_sub(1),
            code: Code::NoUsableFactor,
            message: why.to_owned(),
        }
    }

    fn fail(&self, code: Code, message: impl Into<String>) -> Step {
        Step::Failed { action: self.position, code, message: message.into() }
    }
}

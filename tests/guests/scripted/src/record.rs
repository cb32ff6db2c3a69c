//! The contract's records as JSON, for the log.
//!
//! Field for field under the contract's names in snake case; `none` is `null`,
//! a list of pairs a list of pairs, and JSON text stays a string. Keys are in
//! alphabetic order, so the same record always reads the same.

use flowhost_action::*;
use serde_json::Value;

/// Something that can be shown as JSON.
pub(crate) trait Record {
    fn json(&self) -> Value;
}

/// One line for each record: its fields.
macro_rules! records {
    ($($record:ident { $($field:ident)* })*) => {
        $(impl Record for $record {
            fn json(&self) -> Value {
                // `type_` is `type` in the contract.
                let fields = [$((stringify!($field).trim_end_matches('_'), self.$field.json())),*];
                fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }
        })*
    };
}

records! {
    AkamaiBot { type_ action bot_category bot_score bot_score_response_segment botnet_id }
    AkamaiSignals { akamai_bot akamai_user_risk }
    AkamaiUserRisk {
        action email_domain ouid requestid username uuid allow score status general risk trust
    }
    Authentication { methods risk_assessment }
    AuthenticationMethod { name timestamp type_ }
    Authorization { roles }
    CacheRecord { value expires_at }
    Client { client_id name metadata }
    Connection { id name strategy metadata }
    CustomDomain { domain domain_metadata }
    EnrolledFactor { type_ options }
    Geoip {
        city_name continent_code country_code country_code3 country_name subdivision_code
        subdivision_name time_zone latitude longitude
    }
    Identity { connection provider user_id is_social profile_data }
    Organization { id display_name name metadata }
    Prompt { id fields vars }
    Request { body query method ip hostname language user_agent geoip }
    RiskAssessment { supplemental }
    Stats { logins_count }
    SupplementalSignals { akamai }
    Tenant { id }
    Transaction {
        correlation_id locale login_hint state ui_locales acr_values requested_scopes protocol
        redirect_uri prompt response_mode response_type linking_id
    }
    User {
        user_id created_at updated_at email email_verified family_name given_name
        last_password_reset name nickname phone_number phone_verified picture username
    }
}

macro_rules! plain {
    ($($kind:ty)*) => {
        $(impl Record for $kind {
            fn json(&self) -> Value {
                Value::from(self.clone())
            }
        })*
    };
}

plain! { bool f64 i64 String }

impl Record for Json {
    fn json(&self) -> Value {
        Value::from(self.as_str())
    }
}

impl<T: Record> Record for Option<T> {
    fn json(&self) -> Value {
        self.as_ref().map_or(Value::Null, Record::json)
    }
}

impl<T: Record> Record for Vec<T> {
    fn json(&self) -> Value {
        self.iter().map(Record::json).collect()
    }
}

impl Record for (String, String) {
    fn json(&self) -> Value {
        Value::from(vec![self.0.as_str(), self.1.as_str()])
    }
}

//! JSON text as it crosses the border to the host.
//!
//! The contract passes free JSON as text. [`Json`] marks such text, so that it
//! is not mistaken for a plain string, and reads and writes it with the
//! feature `json`.

use std::fmt;

/// JSON text (RFC 8259).
///
/// ```
/// use flowhost_action::Json;
/// use serde_json::json;
///
/// let metadata = Json::from(json!({"plan": "gold"}));
/// assert_eq!(metadata.as_str(), r#"{"plan":"gold"}"#);
/// assert_eq!(metadata.value()?["plan"], "gold");
/// # Ok::<(), flowhost_action::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json(String);

impl Json {
    /// Take `text` as it is. The host refuses it where it is no JSON.
    pub fn raw(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Read it as a `T`.
    ///
    /// ```
    /// use flowhost_action::Json;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Configuration {
    ///     threshold: u32,
    /// }
    ///
    /// let configuration: Configuration = Json::raw(r#"{"threshold": 40}"#).parse()?;
    /// assert_eq!(configuration.threshold, 40);
    /// # Ok::<(), flowhost_action::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When it is no JSON, or of another shape.
    #[cfg(feature = "json")]
    pub fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0)
    }

    /// Read it as a value of any shape.
    ///
    /// # Errors
    ///
    /// When it is no JSON.
    #[cfg(feature = "json")]
    pub fn value(&self) -> Result<serde_json::Value, serde_json::Error> {
        self.parse()
    }

    /// Write `value` as JSON.
    ///
    /// # Errors
    ///
    /// When `value` cannot be JSON, such as a map whose keys are no strings.
    #[cfg(feature = "json")]
    pub fn of<T: serde::Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::to_string(value).map(Self)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(feature = "json")]
impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        Self(value.to_string())
    }
}

package flowhost

import (
	"bytes"
	"encoding/json"
)

// API is what an action may ask for. Nothing takes effect before its handler has
// returned without an error; the cache and the two token functions answer at once. A
// call that is refused returns an *APIError.
type API struct {
	calls Calls
}

// NewAPI is an API over a host.
func NewAPI(calls Calls) API { return API{calls} }

// Calls are the host's functions beside the event, as an API uses them. A component has
// the real ones, a unit test a double.
type Calls interface {
	Deny(reason string) error
	ChallengeWith(factor Factor, additional []Factor) error
	ChallengeWithAny(factors []Factor) error
	CacheGet(key string) (Cached, bool)
	CacheSet(key, value string, expiry Expiry) (Cached, error)
	CacheDelete(key string) error
	Render(id string, fields, vars Option[string]) error
	SendUserTo(url string, query []Pair) error
	EncodeToken(secret Secret, payload string, seconds Option[int64]) (string, error)
	ValidateToken(secret Secret, parameter Option[string]) (string, error)
	SetResultURL(url string, query []Pair) error
	Log(level Level, message string)
}

// Deny refuses the password reset. The reason may be shown to the user.
func (a API) Deny(reason string) error { return a.calls.Deny(reason) }

// ChallengeWith asks for a factor; the user may choose one of the additional ones
// instead.
func (a API) ChallengeWith(factor Factor, additional ...Factor) error {
	return a.calls.ChallengeWith(factor, additional)
}

// ChallengeWithAny lets the user pick one of the factors.
func (a API) ChallengeWithAny(factors ...Factor) error {
	return a.calls.ChallengeWithAny(factors)
}

// Form is a prompt to show.
type Form struct {
	ID string
	// Fields and Vars are JSON objects: anything that encoding/json can write, or a
	// json.RawMessage. Nil: none.
	Fields any
	Vars   any
}

// Render shows a prompt. The flow goes on in OnContinue with the answers.
func (a API) Render(form Form) error {
	fields, err := optionalJSON(form.Fields)
	if err != nil {
		return err
	}
	vars, err := optionalJSON(form.Vars)
	if err != nil {
		return err
	}
	return a.calls.Render(form.ID, fields, vars)
}

// SendUserTo redirects to an absolute URL. Each pair of the query, a name and a value,
// replaces the parameters of the same name; the host adds state. The flow goes on in
// OnContinue when the user returns.
func (a API) SendUserTo(url string, query ...Pair) error {
	return a.calls.SendUserTo(url, query)
}

// Param is a pair for a query.
func Param(name, value string) Pair { return Pair{F0: name, F1: value} }

// Secret is the key of a token.
type Secret struct {
	named bool
	text  string
}

// SecretNamed is the action's secret of that name. The action never sees its value.
func SecretNamed(name string) Secret { return Secret{named: true, text: name} }

// SecretValue is any text.
func SecretValue(text string) Secret { return Secret{text: text} }

// Name is the secret's, unless it is a text.
func (s Secret) Name() (string, bool) {
	if s.named {
		return s.text, true
	}
	return "", false
}

// String does not show a value: it must not end up in a log.
func (s Secret) String() string {
	if s.named {
		return "SecretNamed(" + s.text + ")"
	}
	return "SecretValue(…)"
}

// GoString is String.
func (s Secret) GoString() string { return s.String() }

// EncodeToken makes a session token: a JWT (RFC 7519), signed with HS256, that holds the
// claims of payload, a JSON object, and lives 15 minutes.
func (a API) EncodeToken(secret Secret, payload any) (string, error) {
	return a.encode(secret, payload, None[int64]())
}

// EncodeTokenFor is EncodeToken with a life of so many seconds.
func (a API) EncodeTokenFor(secret Secret, payload any, seconds int64) (string, error) {
	return a.encode(secret, payload, Some(seconds))
}

func (a API) encode(secret Secret, payload any, seconds Option[int64]) (string, error) {
	text, err := toJSON(payload)
	if err != nil {
		return "", err
	}
	return a.calls.EncodeToken(secret, text, seconds)
}

// ValidateToken returns the claims, a JSON object, of the token that the user came back
// with, found in the request's body or query under session_token.
func (a API) ValidateToken(secret Secret) (string, error) {
	return a.calls.ValidateToken(secret, None[string]())
}

// ValidateTokenIn is ValidateToken for a token under another name.
func (a API) ValidateTokenIn(secret Secret, parameter string) (string, error) {
	return a.calls.ValidateToken(secret, Some(parameter))
}

// SetResultURL says where the user goes after the password was changed.
func (a API) SetResultURL(url string, query ...Pair) error {
	return a.calls.SetResultURL(url, query)
}

// toJSON is the text of a value: json.RawMessage as it is.
func toJSON(value any) (string, error) {
	if text, ok := value.(json.RawMessage); ok {
		return string(text), nil
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	return string(bytes.TrimSuffix(text.Bytes(), []byte("\n"))), nil
}

func optionalJSON(value any) (Option[string], error) {
	if value == nil {
		return None[string](), nil
	}
	text, err := toJSON(value)
	return Some(text), err
}

package flowhost

import (
	event "github.com/flowhost/flowhost/guest-sdk/go/internal/bindings/flowhost_post_challenge_event"
	witTypes "github.com/flowhost/flowhost/guest-sdk/go/internal/wit/types"
)

// Option is a value that may be absent: see its methods Get, Or and IsNone.
type Option[T any] = witTypes.Option[T]

// Some is a value that is there.
func Some[T any](value T) Option[T] { return witTypes.Some(value) }

// None is a value that is absent.
func None[T any]() Option[T] { return witTypes.None[T]() }

// Pair is a name, F0, and its value, F1.
type Pair = witTypes.Tuple2[string, string]

// Lookup returns the value of a name among pairs.
func Lookup(pairs []Pair, name string) (string, bool) {
	for _, pair := range pairs {
		if pair.F0 == name {
			return pair.F1, true
		}
	}
	return "", false
}

// The records of the event, field by field as the contract has them. Fields and
// functions that hold JSON are strings; encoding/json reads them.
type (
	Authentication       = event.Authentication
	AuthenticationMethod = event.AuthenticationMethod
	RiskAssessment       = event.RiskAssessment
	SupplementalSignals  = event.SupplementalSignals
	AkamaiSignals        = event.AkamaiSignals
	AkamaiBot            = event.AkamaiBot
	AkamaiUserRisk       = event.AkamaiUserRisk
	Authorization        = event.Authorization
	Client               = event.Client
	Connection           = event.Connection
	CustomDomain         = event.CustomDomain
	Organization         = event.Organization
	Prompt               = event.Prompt
	Request              = event.Request
	Geoip                = event.Geoip
	Stats                = event.Stats
	Tenant               = event.Tenant
	Transaction          = event.Transaction
	User                 = event.User
	Identity             = event.Identity
	EnrolledFactor       = event.EnrolledFactor
)

// Event is who wants to set a new password, from where, and what is known. Each method
// is a call to the host, so that an action pays only for what it reads. The answers do
// not change during a run.
type Event interface {
	// Authentication says how the user has proven who they are so far.
	Authentication() Authentication
	// Authorization holds the user's roles.
	Authorization() Authorization
	// Client is the application the reset was started from.
	Client() Client
	// Connection is the database the user is stored in.
	Connection() Connection
	// CustomDomain is the one in use.
	CustomDomain() Option[CustomDomain]
	// Organization is the user's.
	Organization() Option[Organization]
	// Prompt is the one that was answered; only after a prompt.
	Prompt() Option[Prompt]
	// Request is the one that started the flow or, in OnContinue, the one the user came
	// back with.
	Request() Request
	// Stats are counts.
	Stats() Stats
	// Tenant is the tenant.
	Tenant() Tenant
	// Transaction is the one the flow belongs to.
	Transaction() Transaction
	// User is the user, without what has a method of its own.
	User() User
	// Identities are the user's.
	Identities() []Identity
	// EnrolledFactors is empty when the user has none, and none when they could not be
	// fetched.
	EnrolledFactors() Option[[]EnrolledFactor]
	// AppMetadata is the user's app_metadata, a JSON object.
	AppMetadata() string
	// UserMetadata is the user's user_metadata, a JSON object.
	UserMetadata() string
	// Secrets are the action's. Prefer naming one to the token functions of the API.
	Secrets() []Pair
	// Secret is one of Secrets.
	Secret(name string) Option[string]
	// Configuration is the action's, a JSON object; {} when there is none.
	Configuration() string
	// JSON is the whole event as it came in, unknown keys included.
	JSON() string
	// JSONAt is the JSON text of one place in the event, by JSON Pointer (RFC 6901):
	// /user/app_metadata/plan. None when nothing is there.
	JSONAt(pointer string) Option[string]
	// TextAt is the same for a place that holds a string: its value.
	TextAt(pointer string) Option[string]
}

// Package flowhosttest runs actions in unit tests, without WebAssembly:
//
//	run := flowhosttest.Run{Event: `{"connection": {"name": "employees"}}`}
//	report := run.Execute(requireMFA{})
//	report.Commands // [ChallengeWith(otp)]
//
// The double is not a second host: which factors are usable, which URLs are allowed and
// what a token holds is for a run of the real one.
package flowhosttest

import (
	_ "embed"
	"encoding/json"

	flowhost "github.com/flowhost/flowhost/guest-sdk/go"
)

// NowMillis is the time in a test: 2026-01-01T12:00:00Z, in milliseconds since the Unix
// epoch. It does not pass.
const NowMillis int64 = 1_767_268_800_000

//go:embed event.json
var plainEvent string

// Run is a run that is about to happen. The event is a plain one: auth0|ada with a
// verified email address, an email link as the first factor, no enrolled factors. Tests
// say what differs.
type Run struct {
	// Event is what differs from the plain event, a JSON object: objects are merged key
	// by key, null removes a key, all else replaces (RFC 7396).
	Event string
	// Configuration is the action's, a JSON object.
	Configuration string
	// Secrets are the action's.
	Secrets map[string]string
	// Cached is what is in the cache already.
	Cached map[string]string
	// Claims is what ValidateToken answers, a JSON object. Empty: the user came back
	// without a token.
	Claims string
	// TokenInvalid is why ValidateToken refuses the token.
	TokenInvalid string
}

// Report is a run that has happened.
type Report struct {
	// Commands is what it asked for, in call order; nothing when it failed.
	Commands []Command
	// Logs are the messages it wrote.
	Logs []Message
	// Tokens are the payloads, JSON objects, of those it had signed. It got
	// test-token-1, test-token-2 and so on in their place.
	Tokens []string
	// Cached is what is in the cache now.
	Cached map[string]string
	// Err is what the handler returned.
	Err error
}

// Message is one of a run's log.
type Message struct {
	Level flowhost.Level
	Text  string
}

// Execute runs OnExecute. It panics when the run's JSON is none.
func (r Run) Execute(action flowhost.Action) Report {
	return r.run(action.OnExecute)
}

// Continue runs OnContinue.
func (r Run) Continue(action flowhost.Continuer) Report {
	return r.run(action.OnContinue)
}

func (r Run) run(handler func(flowhost.Event, flowhost.API) error) Report {
	double := &double{run: r, cache: map[string]flowhost.Cached{}}
	merged := merge(parsed(plainEvent), parsed(or(r.Event, "{}")))
	merged["configuration"] = parsed(or(r.Configuration, "{}"))
	secrets := map[string]any{}
	for name, value := range r.Secrets {
		secrets[name] = value
	}
	merged["secrets"] = secrets
	double.event = merged
	for key, value := range r.Cached {
		if _, err := double.CacheSet(key, value, flowhost.Expiry{}); err != nil {
			panic(err)
		}
	}
	report := Report{Err: handler(double, flowhost.NewAPI(double)), Cached: map[string]string{}}
	if report.Err == nil {
		report.Commands = double.commands
	}
	report.Logs, report.Tokens = double.logs, double.tokens
	for key, entry := range double.cache {
		report.Cached[key] = entry.Value
	}
	return report
}

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func parsed(text string) map[string]any {
	var value map[string]any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		panic("flowhosttest: " + err.Error() + ": " + text)
	}
	return value
}

// merge is JSON Merge Patch (RFC 7396).
func merge(target, changes map[string]any) map[string]any {
	if target == nil {
		target = map[string]any{}
	}
	for key, change := range changes {
		switch change := change.(type) {
		case nil:
			delete(target, key)
		case map[string]any:
			inner, _ := target[key].(map[string]any)
			target[key] = merge(inner, change)
		default:
			target[key] = change
		}
	}
	return target
}

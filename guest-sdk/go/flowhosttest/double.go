package flowhosttest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	flowhost "github.com/flowhost/flowhost/guest-sdk/go"
)

// double is a flowhost.Event and flowhost.Calls: it answers from an event and notes what
// is asked for.
type double struct {
	run      Run
	event    map[string]any
	cache    map[string]flowhost.Cached
	commands []Command
	logs     []Message
	tokens   []string
}

func (d *double) Authentication() (r flowhost.Authentication) {
	fill(&r, d.event["authentication"])
	return
}
func (d *double) Authorization() (r flowhost.Authorization) {
	fill(&r, d.event["authorization"])
	return
}
func (d *double) Client() (r flowhost.Client)         { fill(&r, d.event["client"]); return }
func (d *double) Connection() (r flowhost.Connection) { fill(&r, d.event["connection"]); return }
func (d *double) CustomDomain() (r flowhost.Option[flowhost.CustomDomain]) {
	fill(&r, d.event["custom_domain"])
	return
}
func (d *double) Organization() (r flowhost.Option[flowhost.Organization]) {
	fill(&r, d.event["organization"])
	return
}
func (d *double) Prompt() (r flowhost.Option[flowhost.Prompt]) { fill(&r, d.event["prompt"]); return }
func (d *double) Request() (r flowhost.Request) {
	r.Body, r.Query = "{}", "{}"
	fill(&r, d.event["request"])
	return
}
func (d *double) Stats() (r flowhost.Stats)             { fill(&r, d.event["stats"]); return }
func (d *double) Tenant() (r flowhost.Tenant)           { fill(&r, d.event["tenant"]); return }
func (d *double) Transaction() (r flowhost.Transaction) { fill(&r, d.event["transaction"]); return }
func (d *double) User() (r flowhost.User)               { fill(&r, d.event["user"]); return }
func (d *double) Identities() (r []flowhost.Identity)   { fill(&r, d.user("identities")); return }
func (d *double) EnrolledFactors() (r flowhost.Option[[]flowhost.EnrolledFactor]) {
	fill(&r, d.user("enrolledFactors"))
	return
}
func (d *double) AppMetadata() string   { return objectText(d.user("app_metadata")) }
func (d *double) UserMetadata() string  { return objectText(d.user("user_metadata")) }
func (d *double) Configuration() string { return text(d.event["configuration"]) }
func (d *double) JSON() string          { return text(d.event) }

func (d *double) user(name string) any {
	user, _ := d.event["user"].(map[string]any)
	return user[name]
}

func (d *double) Secrets() (r []flowhost.Pair) {
	fill(&r, d.event["secrets"])
	return
}

func (d *double) Secret(name string) flowhost.Option[string] {
	value, ok := d.run.Secrets[name]
	if !ok {
		return flowhost.None[string]()
	}
	return flowhost.Some(value)
}

func (d *double) JSONAt(pointer string) flowhost.Option[string] {
	value, ok := at(d.event, pointer)
	if !ok {
		return flowhost.None[string]()
	}
	return flowhost.Some(text(value))
}

func (d *double) TextAt(pointer string) flowhost.Option[string] {
	value, _ := at(d.event, pointer)
	if text, ok := value.(string); ok {
		return flowhost.Some(text)
	}
	return flowhost.None[string]()
}

// at is a place by JSON Pointer (RFC 6901), as the host finds it.
func at(value any, pointer string) (any, bool) {
	if pointer != "" && pointer[0] != '/' {
		return nil, false
	}
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	for _, part := range strings.Split(pointer, "/")[1:] {
		switch inside := value.(type) {
		case map[string]any:
			found, ok := inside[unescape.Replace(part)]
			if !ok {
				return nil, false
			}
			value = found
		case []any:
			index, err := strconv.Atoi(part)
			// Digits without a sign or a leading zero.
			if err != nil || strconv.Itoa(index) != part || index < 0 || index >= len(inside) {
				return nil, false
			}
			value = inside[index]
		default:
			return nil, false
		}
	}
	return value, true
}

func objectText(value any) string {
	if value == nil {
		return "{}"
	}
	return text(value)
}

func text(value any) string {
	var made strings.Builder
	encoder := json.NewEncoder(&made)
	// The host hands on <, > and & as they are.
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(made.String(), "\n")
}

func (d *double) note(command Command) error {
	d.commands = append(d.commands, command)
	return nil
}

func (d *double) Deny(reason string) error {
	return d.note(Command{Name: "Deny", Text: reason})
}

func (d *double) ChallengeWith(factor flowhost.Factor, additional []flowhost.Factor) error {
	factors := slices.Concat([]flowhost.Factor{factor}, additional)
	return d.note(Command{Name: "ChallengeWith", Factors: factors})
}

func (d *double) ChallengeWithAny(factors []flowhost.Factor) error {
	return d.note(Command{Name: "ChallengeWithAny", Factors: factors})
}

func (d *double) Render(id string, fields, vars flowhost.Option[string]) error {
	form := Command{Name: "Render", Text: id, Fields: fields.Or(""), Vars: vars.Or("")}
	return d.note(form)
}

func (d *double) SendUserTo(url string, query []flowhost.Pair) error {
	return d.note(Command{Name: "SendUserTo", Text: url, Query: query})
}

func (d *double) SetResultURL(url string, query []flowhost.Pair) error {
	return d.note(Command{Name: "SetResultURL", Text: url, Query: query})
}

func (d *double) Log(level flowhost.Level, message string) {
	d.logs = append(d.logs, Message{level, message})
}

func refuse(code, message string) error {
	return &flowhost.APIError{Code: code, Message: message}
}

func (d *double) known(secret flowhost.Secret) error {
	if name, named := secret.Name(); named && d.run.Secrets[name] == "" {
		return refuse("UnknownSecret", fmt.Sprintf("the action has no secret '%s'", name))
	}
	return nil
}

func (d *double) EncodeToken(secret flowhost.Secret, payload string, _ flowhost.Option[int64]) (string, error) {
	if err := d.known(secret); err != nil {
		return "", err
	}
	d.tokens = append(d.tokens, payload)
	return fmt.Sprintf("test-token-%d", len(d.tokens)), nil
}

func (d *double) ValidateToken(secret flowhost.Secret, _ flowhost.Option[string]) (string, error) {
	switch err := d.known(secret); {
	case err != nil:
		return "", err
	case d.run.TokenInvalid != "":
		return "", refuse("TokenInvalid", d.run.TokenInvalid)
	case d.run.Claims == "":
		return "", refuse("TokenMissing", "the user came back without a token")
	}
	return d.run.Claims, nil
}

package flowhost

import (
	"strings"

	"github.com/flowhost/flowhost/guest-sdk/go/internal/bindings/flowhost_post_challenge_access"
	wire "github.com/flowhost/flowhost/guest-sdk/go/internal/bindings/flowhost_post_challenge_authentication"
	"github.com/flowhost/flowhost/guest-sdk/go/internal/bindings/flowhost_post_challenge_cache"
	event "github.com/flowhost/flowhost/guest-sdk/go/internal/bindings/flowhost_post_challenge_event"
	"github.com/flowhost/flowhost/guest-sdk/go/internal/bindings/flowhost_post_challenge_log"
	"github.com/flowhost/flowhost/guest-sdk/go/internal/bindings/flowhost_post_challenge_prompt"
	"github.com/flowhost/flowhost/guest-sdk/go/internal/bindings/flowhost_post_challenge_redirect"
	"github.com/flowhost/flowhost/guest-sdk/go/internal/bindings/flowhost_post_challenge_transaction"
	"github.com/flowhost/flowhost/guest-sdk/go/internal/bindings/flowhost_post_challenge_types"
	witTypes "github.com/flowhost/flowhost/guest-sdk/go/internal/wit/types"
)

// host is the real one: an Event and the Calls of an API.
type host struct{}

// valid is text as the component model wants it: a byte that is no UTF-8 would end the
// run where it should have failed by its name.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

func validOption(text Option[string]) Option[string] {
	if text.IsNone() {
		return text
	}
	return Some(valid(text.Some()))
}

func validPairs(pairs []Pair) []Pair {
	made := make([]Pair, len(pairs))
	for i, pair := range pairs {
		made[i] = Pair{F0: valid(pair.F0), F1: valid(pair.F1)}
	}
	return made
}

func (host) Authentication() Authentication            { return event.GetAuthentication() }
func (host) Authorization() Authorization              { return event.GetAuthorization() }
func (host) Client() Client                            { return event.GetClient() }
func (host) Connection() Connection                    { return event.GetConnection() }
func (host) CustomDomain() Option[CustomDomain]        { return event.GetCustomDomain() }
func (host) Organization() Option[Organization]        { return event.GetOrganization() }
func (host) Prompt() Option[Prompt]                    { return event.GetPrompt() }
func (host) Request() Request                          { return event.GetRequest() }
func (host) Stats() Stats                              { return event.GetStats() }
func (host) Tenant() Tenant                            { return event.GetTenant() }
func (host) Transaction() Transaction                  { return event.GetTransaction() }
func (host) User() User                                { return event.GetUser() }
func (host) Identities() []Identity                    { return event.GetIdentities() }
func (host) EnrolledFactors() Option[[]EnrolledFactor] { return event.GetEnrolledFactors() }
func (host) AppMetadata() string                       { return event.GetAppMetadata() }
func (host) UserMetadata() string                      { return event.GetUserMetadata() }
func (host) Secrets() []Pair                           { return event.GetSecrets() }
func (host) Secret(name string) Option[string]         { return event.GetSecret(valid(name)) }
func (host) Configuration() string                     { return event.GetConfiguration() }
func (host) JSON() string                              { return event.GetJson() }
func (host) JSONAt(pointer string) Option[string]      { return event.GetJsonAt(valid(pointer)) }
func (host) TextAt(pointer string) Option[string]      { return event.GetTextAt(valid(pointer)) }

func (host) Deny(reason string) error {
	return refused(flowhost_post_challenge_access.Deny(valid(reason)))
}

func (host) ChallengeWith(factor Factor, additional []Factor) error {
	return refused(wire.ChallengeWith(wireFactor(factor), wireFactors(additional)))
}

func (host) ChallengeWithAny(factors []Factor) error {
	return refused(wire.ChallengeWithAny(wireFactors(factors)))
}

func (host) CacheGet(key string) (Cached, bool) {
	found, ok := flowhost_post_challenge_cache.Get(valid(key)).Get()
	return Cached(found), ok
}

func (host) CacheSet(key, value string, expiry Expiry) (Cached, error) {
	wanted := flowhost_post_challenge_cache.Expiry{Ttl: expiry.TTL, ExpiresAt: expiry.ExpiresAt}
	set, err := answered(flowhost_post_challenge_cache.Set(valid(key), valid(value), wanted))
	return Cached(set), err
}

func (host) CacheDelete(key string) error {
	return refused(flowhost_post_challenge_cache.Delete(valid(key)))
}

func (host) Render(id string, fields, vars Option[string]) error {
	return refused(flowhost_post_challenge_prompt.Render(valid(id), validOption(fields), validOption(vars)))
}

func (host) SendUserTo(url string, query []Pair) error {
	return refused(flowhost_post_challenge_redirect.SendUserTo(valid(url), validPairs(query)))
}

func (host) EncodeToken(secret Secret, payload string, seconds Option[int64]) (string, error) {
	key, text := wireSecret(secret), valid(payload)
	return answered(flowhost_post_challenge_redirect.EncodeToken(key, text, seconds))
}

func (host) ValidateToken(secret Secret, parameter Option[string]) (string, error) {
	key, name := wireSecret(secret), validOption(parameter)
	return answered(flowhost_post_challenge_redirect.ValidateToken(key, name))
}

func (host) SetResultURL(url string, query []Pair) error {
	return refused(flowhost_post_challenge_transaction.SetResultUrl(valid(url), validPairs(query)))
}

func (host) Log(level Level, message string) {
	flowhost_post_challenge_log.Write(uint8(level), valid(message))
}

func answered[T any](result witTypes.Result[T, flowhost_post_challenge_types.ApiError]) (T, error) {
	if result.IsErr() {
		refusal := result.Err()
		return result.Ok(), &APIError{Code: refusal.Code, Message: refusal.Message}
	}
	return result.Ok(), nil
}

func refused(result witTypes.Result[witTypes.Unit, flowhost_post_challenge_types.ApiError]) error {
	_, err := answered(result)
	return err
}

func wireSecret(secret Secret) flowhost_post_challenge_redirect.Secret {
	text := valid(secret.text)
	if secret.named {
		return flowhost_post_challenge_redirect.MakeSecretNamed(text)
	}
	return flowhost_post_challenge_redirect.MakeSecretValue(text)
}

func wireFactors(factors []Factor) []wire.Factor {
	made := make([]wire.Factor, len(factors))
	for i, factor := range factors {
		made[i] = wireFactor(factor)
	}
	return made
}

func wireFactor(factor Factor) wire.Factor {
	options := validOption(factor.Options)
	switch factor.Type {
	case "otp":
		return wire.MakeFactorOtp()
	case "email":
		return wire.MakeFactorEmail()
	case "webauthn-platform":
		return wire.MakeFactorWebauthnPlatform()
	case "webauthn-roaming":
		return wire.MakeFactorWebauthnRoaming()
	case "recovery-code":
		return wire.MakeFactorRecoveryCode(options)
	case "phone":
		return wire.MakeFactorPhone(wire.PhoneOptions{PreferredMethod: wireMethod(factor)})
	case "push-notification":
		return wire.MakeFactorPushNotification(wire.PushOptions{OtpFallback: factor.OTPFallback})
	}
	return wire.MakeFactorOther(wire.OtherFactor{Type: valid(factor.Type), Options: options})
}

func wireMethod(factor Factor) Option[wire.PhoneMethod] {
	switch factor.PreferredMethod {
	case "":
		return None[wire.PhoneMethod]()
	case "sms":
		return Some(wire.PhoneMethodSms)
	case "voice":
		return Some(wire.PhoneMethodVoice)
	case "both":
		return Some(wire.PhoneMethodBoth)
	}
	panic("a phone's method is sms, voice or both, not " + factor.PreferredMethod)
}

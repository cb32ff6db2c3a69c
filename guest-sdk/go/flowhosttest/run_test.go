package flowhosttest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	flowhost "github.com/flowhost/flowhost/guest-sdk/go"
	"github.com/flowhost/flowhost/guest-sdk/go/flowhosttest"
)

// action is one of two functions.
type action struct {
	execute, resume func(flowhost.Event, flowhost.API) error
}

func (a action) OnExecute(event flowhost.Event, api flowhost.API) error {
	return a.execute(event, api)
}

func (a action) OnContinue(event flowhost.Event, api flowhost.API) error {
	return a.resume(event, api)
}

func executes(handler func(flowhost.Event, flowhost.API) error) action {
	return action{execute: handler}
}

func equal[T comparable](t *testing.T, found, wanted T) {
	t.Helper()
	if found != wanted {
		t.Errorf("found %v, wanted %v", found, wanted)
	}
}

func TestThePlainEventIsThereAndChangesAreMerged(t *testing.T) {
	event := `{"user": {"email": "bob@example.com"}, "client": {"metadata": {"plan": "gold"}}}`
	flowhosttest.Run{Event: event}.Execute(executes(func(event flowhost.Event, _ flowhost.API) error {
		equal(t, event.User().Email.Or(""), "bob@example.com")
		equal(t, event.User().UserId, "auth0|ada")
		equal(t, event.User().EmailVerified, true)
		plan, _ := flowhost.Lookup(event.Client().Metadata, "plan")
		equal(t, plan, "gold")
		equal(t, event.Request().Body, "{}")
		equal(t, event.Stats().LoginsCount, 1)
		return nil
	}))
}

func TestNamesInCamelCaseAndListsOfRecordsAreRead(t *testing.T) {
	event := `{"request": {"geoip": {"countryCode": "CH", "latitude": 46.9}},
		"user": {"identities": [{"isSocial": true, "profileData": {"a": 1}}]},
		"authentication": {"riskAssessment": {"supplemental": {"akamai": {"akamaiBot": {"botScore": 7.5}}}}}}`
	flowhosttest.Run{Event: event}.Execute(executes(func(event flowhost.Event, _ flowhost.API) error {
		equal(t, event.Request().Geoip.CountryCode, flowhost.Some("CH"))
		equal(t, event.Request().Geoip.Latitude, flowhost.Some(46.9))
		equal(t, event.Identities()[0].IsSocial, flowhost.Some(true))
		equal(t, event.Identities()[0].ProfileData, flowhost.Some(`{"a":1}`))
		signals := event.Authentication().RiskAssessment.Some().Supplemental.Some()
		equal(t, signals.Akamai.Some().AkamaiBot.Some().BotScore, flowhost.Some(7.5))
		return nil
	}))
}

func TestGroupsThatAreAbsentAreNone(t *testing.T) {
	reads := func(wanted bool) action {
		return executes(func(event flowhost.Event, _ flowhost.API) error {
			equal(t, event.Organization().IsNone(), true)
			equal(t, event.Prompt().IsNone(), true)
			equal(t, event.EnrolledFactors().IsNone(), wanted)
			return nil
		})
	}
	flowhosttest.Run{}.Execute(reads(false))
	flowhosttest.Run{Event: `{"user": {"enrolledFactors": null}}`}.Execute(reads(true))
}

func TestPlacesAreReadByPointer(t *testing.T) {
	run := flowhosttest.Run{Event: `{"request": {"query": {"a/b": "c", "html": "<a>&b"}}}`, Configuration: `{"limit": 3}`}
	run.Execute(executes(func(event flowhost.Event, _ flowhost.API) error {
		equal(t, event.Configuration(), `{"limit":3}`)
		equal(t, event.JSONAt("/request/query/a~1b"), flowhost.Some(`"c"`))
		equal(t, event.TextAt("/request/query/a~1b"), flowhost.Some("c"))
		equal(t, event.TextAt("/stats/logins_count"), flowhost.None[string]())
		equal(t, event.JSONAt("/nothing"), flowhost.None[string]())
		equal(t, event.JSONAt("/request/query/html"), flowhost.Some(`"<a>&b"`))
		equal(t, strings.Contains(event.JSON(), `"<a>&b"`), true)
		equal(t, event.JSONAt(""), flowhost.Some(event.JSON()))
		equal(t, event.TextAt("/authentication/methods/0/name"), flowhost.Some("email"))
		for _, nowhere := range []string{"request", "request/query", "nothing", "/authentication/methods/00"} {
			equal(t, event.JSONAt(nowhere), flowhost.None[string]())
		}
		return nil
	}))
}

func TestCommandsAreNotedInCallOrder(t *testing.T) {
	report := flowhosttest.Run{}.Execute(executes(func(_ flowhost.Event, api flowhost.API) error {
		return errors.Join(
			api.Deny("no"),
			api.ChallengeWith(flowhost.OTP(), flowhost.PhoneBy("sms")),
			api.ChallengeWithAny(flowhost.Email(), flowhost.PushNotification()),
			api.Render(flowhost.Form{ID: "consent", Fields: map[string]int{"a": 1}}),
			api.SendUserTo("https://a.example/", flowhost.Param("x", "<1>")),
			api.SetResultURL("https://b.example/"),
		)
	}))
	equal(t, report.Said(), `Deny("no")
ChallengeWith(otp, phone)
ChallengeWithAny(email, push-notification)
Render("consent", {"a":1})
SendUserTo("https://a.example/", x=<1>)
SetResultURL("https://b.example/")`)
}

func TestARunThatFailsAsksForNothing(t *testing.T) {
	report := flowhosttest.Run{}.Execute(executes(func(_ flowhost.Event, api flowhost.API) error {
		_ = api.ChallengeWith(flowhost.OTP())
		return errors.New("gone")
	}))
	equal(t, len(report.Commands), 0)
	equal(t, report.Err.Error(), "gone")
}

func TestAPlaceholderStandsForASignedToken(t *testing.T) {
	signs := executes(func(_ flowhost.Event, api flowhost.API) error {
		token, err := api.EncodeToken(flowhost.SecretNamed("KEY"), map[string]string{"a": "<b>"})
		api.Log(flowhost.Info, token)
		return err
	})
	report := flowhosttest.Run{Secrets: map[string]string{"KEY": "k"}}.Execute(signs)
	equal(t, report.Logs[0].Text, "test-token-1")
	equal(t, report.Tokens[0], `{"a":"<b>"}`)
	equal(t, flowhost.FailureOf(flowhosttest.Run{}.Execute(signs).Err).Name, "UnknownSecret")
}

func TestTheClaimsThatATestGivesComeBack(t *testing.T) {
	back := action{resume: func(_ flowhost.Event, api flowhost.API) error {
		claims, err := api.ValidateToken(flowhost.SecretValue("k"))
		api.Log(flowhost.Info, claims)
		return err
	}}
	equal(t, flowhosttest.Run{Claims: `{"a":1}`}.Continue(back).Logs[0].Text, `{"a":1}`)
	expired := flowhosttest.Run{TokenInvalid: "expired"}.Continue(back)
	equal(t, flowhost.FailureOf(expired.Err).Name, "TokenInvalid")
	equal(t, flowhost.FailureOf(flowhosttest.Run{}.Continue(back).Err).Name, "TokenMissing")
}

func TestTheBoundsOfTheCacheAreThoseOfTheContract(t *testing.T) {
	long := func(length int) string { return fmt.Sprintf("%0*d", length, 0) }
	cases := []struct {
		key, value string
		expiry     flowhost.Expiry
		code       string
	}{
		{long(64), long(4096), flowhost.Expiry{}, ""},
		{long(65), "v", flowhost.Expiry{}, "CacheKeySizeExceeded"},
		{"k", long(4097), flowhost.Expiry{}, "CacheValueSizeExceeded"},
		{"k", "v", flowhost.Expiry{TTL: flowhost.Some[int64](-1)}, "InvalidExpiry"},
		{"k", "v", flowhost.Expiry{ExpiresAt: flowhost.Some(flowhosttest.NowMillis)}, "ItemAlreadyExpired"},
	}
	for _, each := range cases {
		report := flowhosttest.Run{}.Execute(executes(func(_ flowhost.Event, api flowhost.API) error {
			_, err := api.Cache().SetUntil(each.key, each.value, each.expiry)
			return err
		}))
		var refusal *flowhost.APIError
		if errors.As(report.Err, &refusal) {
			equal(t, refusal.Code, each.code)
		} else {
			equal(t, each.code, "")
		}
	}
}

func TestAnErrorIsNamedByItsTypeAndARefusalByItsCode(t *testing.T) {
	_, number := strconv.Atoi("many")
	refusal := &flowhost.APIError{Code: "InvalidUrl", Message: "no scheme"}
	equal(t, flowhost.FailureOf(number).Name, "NumError")
	equal(t, flowhost.FailureOf(refusal), flowhost.Failure{Name: "InvalidUrl", Message: "no scheme"})
	equal(t, flowhost.FailureOf(fmt.Errorf("sent: %w", refusal)).Name, "InvalidUrl")
	own := flowhost.FailureOf(flowhost.Fail("MissingEmail", "no email"))
	equal(t, own, flowhost.Failure{Name: "MissingEmail", Message: "no email"})
}

func TestASecretDoesNotShowItsValue(t *testing.T) {
	equal(t, fmt.Sprintf("%v %+v %#v", flowhost.SecretValue("hunter2"), flowhost.SecretValue("hunter2"),
		flowhost.SecretValue("hunter2")), "SecretValue(…) SecretValue(…) SecretValue(…)")
}

func TestJSONIsHandedOnAsItIs(t *testing.T) {
	report := flowhosttest.Run{}.Execute(executes(func(_ flowhost.Event, api flowhost.API) error {
		return api.Render(flowhost.Form{ID: "f", Vars: json.RawMessage(`{"a": 1.0}`)})
	}))
	equal(t, report.Commands[0].Vars, `{"a": 1.0}`)
}

package main

import (
	"fmt"

	flowhost "github.com/flowhost/flowhost/guest-sdk/go"
)

// calls are those that a step may name. The text is that of the result, if there is one.
var calls map[string]func(step, flowhost.Event, flowhost.API) (string, error)

func init() {
	calls = map[string]func(step, flowhost.Event, flowhost.API) (string, error){
		"deny": func(s step, _ flowhost.Event, api flowhost.API) (string, error) {
			return "", api.Deny(s.required("reason"))
		},
		"challenge-with": func(s step, _ flowhost.Event, api flowhost.API) (string, error) {
			factor := step{s.event, s.at("factor")}.factor()
			return "", api.ChallengeWith(factor, s.factors("additional")...)
		},
		"challenge-with-any": func(s step, _ flowhost.Event, api flowhost.API) (string, error) {
			return "", api.ChallengeWithAny(s.factors("factors")...)
		},
		"cache-get": func(s step, _ flowhost.Event, api flowhost.API) (string, error) {
			entry, ok := api.Cache().Get(s.required("key"))
			if !ok {
				return "none", nil
			}
			return record(entry), nil
		},
		"cache-set": cacheSet,
		"cache-delete": func(s step, _ flowhost.Event, api flowhost.API) (string, error) {
			return "", api.Cache().Delete(s.required("key"))
		},
		"render": func(s step, _ flowhost.Event, api flowhost.API) (string, error) {
			form := flowhost.Form{ID: s.required("id"), Fields: s.raw("fields"), Vars: s.raw("vars")}
			return "", api.Render(form)
		},
		"send-user-to": func(s step, _ flowhost.Event, api flowhost.API) (string, error) {
			return "", api.SendUserTo(s.required("url"), s.pairs("query")...)
		},
		"set-result-url": func(s step, _ flowhost.Event, api flowhost.API) (string, error) {
			return "", api.SetResultURL(s.required("url"), s.pairs("query")...)
		},
		"encode-token":   encodeToken,
		"validate-token": validateToken,
		"log": func(s step, _ flowhost.Event, api flowhost.API) (string, error) {
			api.Log(level(s.required("level")), s.required("message"))
			return "", nil
		},
		"event": func(s step, event flowhost.Event, api flowhost.API) (string, error) {
			group(event, s.required("group"), func(line string) { api.Log(flowhost.Info, line) })
			return "", nil
		},
		"get-secret": func(s step, event flowhost.Event, _ flowhost.API) (string, error) {
			return quotedOrNone(event.Secret(s.required("name"))), nil
		},
		"get-json": func(_ step, event flowhost.Event, _ flowhost.API) (string, error) {
			return event.JSON(), nil
		},
		"get-json-at": func(s step, event flowhost.Event, _ flowhost.API) (string, error) {
			return event.JSONAt(s.required("pointer")).Or("none"), nil
		},
		"get-text-at": func(s step, event flowhost.Event, _ flowhost.API) (string, error) {
			return quotedOrNone(event.TextAt(s.required("pointer"))), nil
		},
		"fail": func(s step, _ flowhost.Event, _ flowhost.API) (string, error) {
			failure := &flowhost.Failure{Name: s.required("name"), Message: s.required("message")}
			failure.Stack = s.text("stack")
			return "", failure
		},
		"loop": func(step, flowhost.Event, flowhost.API) (string, error) {
			for {
			}
		},
		"trap": func(step, flowhost.Event, flowhost.API) (string, error) {
			panic("a bug")
		},
	}
}

func record(entry flowhost.Cached) string {
	return fmt.Sprintf("%s %d", quoted(entry.Value), entry.ExpiresAt)
}

func cacheSet(s step, _ flowhost.Event, api flowhost.API) (string, error) {
	expiry := flowhost.Expiry{TTL: plain[int64](s, "ttl"), ExpiresAt: plain[int64](s, "expires-at")}
	entry, err := api.Cache().SetUntil(s.required("key"), s.required("value"), expiry)
	return record(entry), err
}

func encodeToken(s step, _ flowhost.Event, api flowhost.API) (string, error) {
	if seconds, ok := plain[int64](s, "expires-in-seconds").Get(); ok {
		return api.EncodeTokenFor(s.secret(), s.raw("payload"), seconds)
	}
	return api.EncodeToken(s.secret(), s.raw("payload"))
}

func validateToken(s step, _ flowhost.Event, api flowhost.API) (string, error) {
	if parameter, ok := s.text("token-parameter-name").Get(); ok {
		return api.ValidateTokenIn(s.secret(), parameter)
	}
	return api.ValidateToken(s.secret())
}

func level(name string) flowhost.Level {
	for _, level := range []flowhost.Level{flowhost.Debug, flowhost.Info, flowhost.Warn, flowhost.Error} {
		if level.String() == name {
			return level
		}
	}
	panic("level: " + name)
}

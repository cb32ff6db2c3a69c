package main

import (
	"testing"

	"github.com/flowhost/flowhost/guest-sdk/go/flowhosttest"
)

func run() flowhosttest.Run {
	return flowhosttest.Run{
		Configuration: `{"verifier": "https://verify.example.com/start"}`,
		Secrets:       map[string]string{"TOKEN_KEY": "a key"},
	}
}

func TestTheUserIsSentAwayWithAToken(t *testing.T) {
	said := run().Execute(verify{}).Said()
	if said != `SendUserTo("https://verify.example.com/start", session_token=test-token-1)` {
		t.Error(said)
	}
}

func TestOnlyTheWordOfTheOtherSiteLetsTheUserGoOn(t *testing.T) {
	for claims, denied := range map[string]bool{`{"result": "ok"}`: false, `{"result": "no"}`: true, "": true} {
		back := run()
		back.Claims = claims
		report := back.Continue(verify{})
		if report.Err != nil || (len(report.Commands) == 1) != denied {
			t.Error(claims, report.Said(), report.Err)
		}
	}
}

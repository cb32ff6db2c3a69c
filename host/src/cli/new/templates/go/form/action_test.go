package main

import (
	"testing"

	"github.com/flowhost/flowhost/guest-sdk/go/flowhosttest"
)

func TestTheFormIsShown(t *testing.T) {
	said := flowhosttest.Run{}.Execute(askForConsent{}).Said()
	if said != `Render("terms", {"agreed":"no"}, {"version":"2026-01"})` {
		t.Error(said)
	}
}

func TestOnlyWhoAgreesMayGoOn(t *testing.T) {
	denied := map[string]bool{
		`{"id": "terms", "fields": {"agreed": "yes"}}`: false,
		`{"id": "terms", "fields": {"agreed": "no"}}`:  true,
		`null`: true,
	}
	for prompt, expected := range denied {
		report := flowhosttest.Run{Event: `{"prompt": ` + prompt + `}`}.Continue(askForConsent{})
		if report.Err != nil || (len(report.Commands) == 1) != expected {
			t.Error(prompt, report.Said(), report.Err)
		}
	}
}

// Shows the user a form, and goes on when they agree.
package main

import flowhost "github.com/flowhost/flowhost/guest-sdk/go"

type askForConsent struct{}

func (askForConsent) OnExecute(event flowhost.Event, api flowhost.API) error {
	return api.Render(flowhost.Form{
		ID:     "terms",
		Fields: map[string]string{"agreed": "no"},
		Vars:   map[string]string{"version": "2026-01"},
	})
}

func (askForConsent) OnContinue(event flowhost.Event, api flowhost.API) error {
	if event.TextAt("/prompt/fields/agreed").Or("") != "yes" {
		return api.Deny("Without your consent the password stays as it is.")
	}
	return nil
}

func init() { flowhost.Export(askForConsent{}) }

func main() {}

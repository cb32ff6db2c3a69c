// Sends the user to another site, and goes on when that site says so.
package main

import (
	"encoding/json"

	flowhost "github.com/flowhost/flowhost/guest-sdk/go"
)

type verify struct{}

var key = flowhost.SecretNamed("TOKEN_KEY")

func (verify) OnExecute(event flowhost.Event, api flowhost.API) error {
	verifier, ok := event.TextAt("/configuration/verifier").Get()
	if !ok {
		return flowhost.Fail("Configuration", "the flow file names no `verifier`")
	}
	token, err := api.EncodeToken(key, map[string]string{"reason": "password reset"})
	if err != nil {
		return err
	}
	return api.SendUserTo(verifier, flowhost.Param("session_token", token))
}

func (verify) OnContinue(event flowhost.Event, api flowhost.API) error {
	// Signed by the other site, for this user and this redirect, and not expired.
	text, err := api.ValidateToken(key)
	if err == nil {
		var claims struct{ Result string }
		if err = json.Unmarshal([]byte(text), &claims); err == nil && claims.Result == "ok" {
			return nil
		}
	}
	if err != nil {
		api.Log(flowhost.Warn, err.Error())
	}
	return api.Deny("We could not verify that it is you.")
}

func init() { flowhost.Export(verify{}) }

func main() {}

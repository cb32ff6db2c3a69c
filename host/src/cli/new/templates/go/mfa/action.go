// Asks for a second factor before a new password may be set.
package main

import flowhost "github.com/flowhost/flowhost/guest-sdk/go"

type requireMFA struct{}

func (requireMFA) OnExecute(event flowhost.Event, api flowhost.API) error {
	return api.ChallengeWith(flowhost.WebauthnRoaming(), flowhost.OTP(), flowhost.Email())
}

func init() { flowhost.Export(requireMFA{}) }

func main() {}

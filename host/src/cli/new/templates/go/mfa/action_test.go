package main

import (
	"testing"

	"github.com/flowhost/flowhost/guest-sdk/go/flowhosttest"
)

func TestASecurityKeyComesFirst(t *testing.T) {
	said := flowhosttest.Run{}.Execute(requireMFA{}).Said()
	if said != "ChallengeWith(webauthn-roaming, otp, email)" {
		t.Error(said)
	}
}

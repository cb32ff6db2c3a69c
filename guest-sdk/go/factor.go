package flowhost

// Factor is something to challenge the user with.
type Factor struct {
	// Type is the factor's name, such as otp.
	Type string
	// PreferredMethod is for a phone: sms, voice or both. Empty: no preference.
	PreferredMethod string
	// OTPFallback is for a push notification: offer a one-time password when it does
	// not arrive.
	OTPFallback Option[bool]
	// Options is a JSON object, for a recovery code and other factors.
	Options Option[string]
}

// OTP is a one-time password.
func OTP() Factor { return Factor{Type: "otp"} }

// Email is a code by email.
func Email() Factor { return Factor{Type: "email"} }

// WebauthnPlatform is the device's own authenticator.
func WebauthnPlatform() Factor { return Factor{Type: "webauthn-platform"} }

// WebauthnRoaming is a security key.
func WebauthnRoaming() Factor { return Factor{Type: "webauthn-roaming"} }

// RecoveryCode is a recovery code.
func RecoveryCode() Factor { return Factor{Type: "recovery-code"} }

// Phone is a code by SMS or voice.
func Phone() Factor { return Factor{Type: "phone"} }

// PhoneBy is a code by sms, voice or both.
func PhoneBy(method string) Factor { return Factor{Type: "phone", PreferredMethod: method} }

// PushNotification is a push notification.
func PushNotification() Factor { return Factor{Type: "push-notification"} }

// OtherFactor has any other name. It is ignored, with a warning in the run's log.
func OtherFactor(name string) Factor { return Factor{Type: name} }

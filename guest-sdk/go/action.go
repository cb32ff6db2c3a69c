// Package flowhost is for actions in Go: something that runs while a user resets their
// password, after they have proven who they are and before a new one is set.
//
//	type requireMFA struct{}
//
//	func (requireMFA) OnExecute(event flowhost.Event, api flowhost.API) error {
//		if event.Connection().Name == "employees" {
//			return api.ChallengeWith(flowhost.OTP())
//		}
//		return nil
//	}
//
//	func init() { flowhost.Export(requireMFA{}) }
//
//	func main() {}
package flowhost

// Action is what runs when the flow reaches it.
type Action interface {
	// OnExecute is the first handler. An error drops all that this run asked for and
	// fails the flow; no password may be set then.
	OnExecute(event Event, api API) error
}

// Continuer is an action that goes on when the user comes back from a redirect, or has
// answered a prompt. One that asks for these must be a Continuer: otherwise the flow fails
// at that moment, with continue_missing. An empty handler will do.
type Continuer interface {
	// OnContinue is the second handler. The event's request is now the one the user
	// came back with, and after a prompt its prompt holds the answers.
	OnContinue(event Event, api API) error
}

// Export makes an action the one that the component runs. It belongs into the init
// function of package main: main itself is never called.
func Export(action Action) {
	export(action)
}

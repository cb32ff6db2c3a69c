package flowhost

import (
	onContinue "github.com/flowhost/flowhost/guest-sdk/go/internal/bindings/export_flowhost_post_challenge_on_continue"
	onExecute "github.com/flowhost/flowhost/guest-sdk/go/internal/bindings/export_flowhost_post_challenge_on_execute"
	"github.com/flowhost/flowhost/guest-sdk/go/internal/bindings/flowhost_post_challenge_types"
	_ "github.com/flowhost/flowhost/guest-sdk/go/internal/bindings/wit_exports"
	witTypes "github.com/flowhost/flowhost/guest-sdk/go/internal/wit/types"
)

func export(action Action) {
	onExecute.Handler = func() onExecute.Result { return result(action.OnExecute) }
	onContinue.Handler = func() onContinue.Result {
		continuer, ok := action.(Continuer)
		if !ok {
			// The build leaves this export out where no type of the program has the
			// method. Here another one than the action has it.
			return result(func(Event, API) error {
				return Fail("ContinueMissing", "the action has no method OnContinue")
			})
		}
		return result(continuer.OnContinue)
	}
}

func init() {
	export(forgotten{})
}

// forgotten is the action of a program that exports none.
type forgotten struct{}

func (forgotten) OnExecute(Event, API) error {
	return Fail("NoAction", "call flowhost.Export in the init function of package main")
}

func result(handler func(Event, API) error) onExecute.Result {
	if err := handler(host{}, API{host{}}); err != nil {
		failure := FailureOf(err)
		return witTypes.Err[witTypes.Unit](flowhost_post_challenge_types.Failure{
			Name:    valid(failure.Name),
			Message: valid(failure.Message),
			Stack:   validOption(failure.Stack),
		})
	}
	return witTypes.Ok[witTypes.Unit, flowhost_post_challenge_types.Failure](witTypes.Unit{})
}

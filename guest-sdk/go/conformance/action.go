// The conformance action in Go: it does what its configuration says, and logs what each
// call came to. tests/conformance/README.md in the project says how.
package main

import (
	"errors"
	"fmt"

	flowhost "github.com/flowhost/flowhost/guest-sdk/go"
)

type conformance struct{}

func (conformance) OnExecute(event flowhost.Event, api flowhost.API) error {
	return play(event, api, "execute")
}

func (conformance) OnContinue(event flowhost.Event, api flowhost.API) error {
	return play(event, api, "continue")
}

func init() { flowhost.Export(conformance{}) }

func main() {}

func play(event flowhost.Event, api flowhost.API, handler string) error {
	for _, step := range (step{event, "/configuration"}).list(handler) {
		name := step.required("call")
		call, ok := calls[name]
		if !ok {
			return flowhost.Fail("UnknownCall", name)
		}
		result, err := call(step, event, api)
		var refusal *flowhost.APIError
		switch {
		case errors.As(err, &refusal):
			api.Log(flowhost.Info, fmt.Sprintf("%s: error %s", name, refusal.Code))
		case err != nil:
			return err
		case result == "":
			api.Log(flowhost.Info, name+": ok")
		default:
			api.Log(flowhost.Info, fmt.Sprintf("%s: ok %s", name, result))
		}
	}
	return nil
}

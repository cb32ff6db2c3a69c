// Package export_flowhost_post_challenge_on_execute is the handler that the host calls. The
// generated bindings want it here, under this name.
package export_flowhost_post_challenge_on_execute

import (
	"github.com/flowhost/flowhost/guest-sdk/go/internal/bindings/flowhost_post_challenge_types"
	witTypes "github.com/flowhost/flowhost/guest-sdk/go/internal/wit/types"
)

// Result is what a handler came to.
type Result = witTypes.Result[witTypes.Unit, flowhost_post_challenge_types.Failure]

// Handler is the action's.
var Handler func() Result

// Handle runs it.
func Handle() Result {
	return Handler()
}

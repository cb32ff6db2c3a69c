package flowhosttest

import (
	"fmt"
	"strings"

	flowhost "github.com/flowhost/flowhost/guest-sdk/go"
)

// Command is one request of a run, as the host would record it. Its text, by String, is
// what tests compare: Deny("no"), ChallengeWith(otp, phone).
type Command struct {
	// Name is that of the API's method.
	Name string
	// Text is a reason, a form's id, or a URL.
	Text string
	// Factors are those of a challenge.
	Factors []flowhost.Factor
	// Query is that of a URL.
	Query []flowhost.Pair
	// Fields and Vars are JSON objects, of a form.
	Fields, Vars string
}

func (c Command) String() string {
	var parts []string
	if len(c.Factors) == 0 {
		parts = append(parts, fmt.Sprintf("%q", c.Text))
	}
	for _, factor := range c.Factors {
		parts = append(parts, factor.Type)
	}
	for _, pair := range c.Query {
		parts = append(parts, pair.F0+"="+pair.F1)
	}
	for _, text := range []string{c.Fields, c.Vars} {
		if text != "" {
			parts = append(parts, text)
		}
	}
	return c.Name + "(" + strings.Join(parts, ", ") + ")"
}

// Said is the report's commands as one text, a line for each.
func (r Report) Said() string {
	lines := make([]string, len(r.Commands))
	for i, command := range r.Commands {
		lines[i] = command.String()
	}
	return strings.Join(lines, "\n")
}

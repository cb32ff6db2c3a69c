package flowhost

// Level is how much a message matters.
type Level uint8

// The levels.
const (
	Debug Level = iota
	Info
	Warn
	Error
)

// String is the level's name.
func (l Level) String() string {
	return [...]string{"debug", "info", "warn", "error"}[l]
}

// Log writes a message for whoever operates the flow. It appears in the run's report,
// never in front of the user. So does what goes to standard output.
func (a API) Log(level Level, message string) { a.calls.Log(level, message) }

package flowhost

import (
	"errors"
	"fmt"
	"strings"
)

// APIError is a call that was refused. Nothing was recorded.
type APIError struct {
	// Code is stable and fit for comparing, such as MaxSideEffectsExceeded.
	Code string
	// Message is for the action's author.
	Message string
}

func (e *APIError) Error() string { return e.Code + ": " + e.Message }

// Failure is an error of the author's own, by a name that operators can sort by. Any
// other error will do too; the name is then the code of an APIError in it, or its type.
type Failure struct {
	Name    string
	Message string
	// Stack says where it happened, if anybody knows.
	Stack Option[string]
}

func (e *Failure) Error() string { return e.Name + ": " + e.Message }

// Fail makes a Failure.
func Fail(name, message string) error {
	return &Failure{Name: name, Message: message}
}

// FailureOf is what the flow fails with when a handler returns err.
func FailureOf(err error) Failure {
	if refusal, ok := err.(*APIError); ok {
		return Failure{Name: refusal.Code, Message: refusal.Message}
	}
	var failure *Failure
	if errors.As(err, &failure) {
		return *failure
	}
	var refusal *APIError
	if errors.As(err, &refusal) {
		return Failure{Name: refusal.Code, Message: err.Error()}
	}
	name := fmt.Sprintf("%T", err)
	name = name[strings.LastIndexAny(name, ".*")+1:]
	return Failure{Name: name, Message: err.Error()}
}

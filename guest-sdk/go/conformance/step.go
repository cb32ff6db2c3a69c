package main

import (
	"encoding/json"
	"fmt"

	flowhost "github.com/flowhost/flowhost/guest-sdk/go"
)

// step is a place in the configuration, a JSON Pointer, and the arguments there.
type step struct {
	event flowhost.Event
	place string
}

func (s step) at(name string) string { return s.place + "/" + name }

func (s step) text(name string) flowhost.Option[string] {
	return s.event.TextAt(s.at(name))
}

// required is a text that every step of its kind has.
func (s step) required(name string) string {
	text, ok := s.text(name).Get()
	if !ok {
		panic(s.place + ": no " + name)
	}
	return text
}

// plain is a number, true or false.
func plain[T any](s step, name string) flowhost.Option[T] {
	text, ok := s.event.JSONAt(s.at(name)).Get()
	if !ok {
		return flowhost.None[T]()
	}
	var value T
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		panic(s.at(name) + ": " + err.Error())
	}
	return flowhost.Some(value)
}

// json is JSON, or what stands for it as text.
func (s step) json(name string) flowhost.Option[string] {
	if text := s.text(name + "-text"); text.IsSome() {
		return text
	}
	return s.event.JSONAt(s.at(name))
}

// raw is JSON as an argument for the kit; nil when there is none.
func (s step) raw(name string) any {
	if text, ok := s.json(name).Get(); ok {
		return json.RawMessage(text)
	}
	return nil
}

func (s step) list(name string) []step {
	var steps []step
	for {
		next := step{s.event, fmt.Sprintf("%s/%d", s.at(name), len(steps))}
		if s.event.JSONAt(next.place).IsNone() {
			return steps
		}
		steps = append(steps, next)
	}
}

func (s step) pairs(name string) []flowhost.Pair {
	var pairs []flowhost.Pair
	for _, pair := range s.list(name) {
		pairs = append(pairs, flowhost.Param(pair.required("0"), pair.required("1")))
	}
	return pairs
}

func (s step) factor() flowhost.Factor {
	factor := flowhost.Factor{Type: s.required("type")}
	switch factor.Type {
	case "phone":
		factor.PreferredMethod = s.text("preferred-method").Or("")
	case "push-notification":
		factor.OTPFallback = plain[bool](s, "otp-fallback")
	default:
		factor.Options = s.json("options")
	}
	return factor
}

func (s step) factors(name string) []flowhost.Factor {
	var factors []flowhost.Factor
	for _, factor := range s.list(name) {
		factors = append(factors, factor.factor())
	}
	return factors
}

func (s step) secret() flowhost.Secret {
	if name, ok := s.text("secret-named").Get(); ok {
		return flowhost.SecretNamed(name)
	}
	return flowhost.SecretValue(s.required("secret-value"))
}

package main

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	flowhost "github.com/flowhost/flowhost/guest-sdk/go"
)

// group writes the event as messages, one for each field, in the order of the contract.
func group(event flowhost.Event, name string, line func(string)) {
	path := "event." + name
	values := map[string]func() any{
		"authentication":   func() any { return event.Authentication() },
		"authorization":    func() any { return event.Authorization() },
		"client":           func() any { return event.Client() },
		"connection":       func() any { return event.Connection() },
		"custom-domain":    func() any { return event.CustomDomain() },
		"organization":     func() any { return event.Organization() },
		"prompt":           func() any { return event.Prompt() },
		"request":          func() any { return event.Request() },
		"stats":            func() any { return event.Stats() },
		"tenant":           func() any { return event.Tenant() },
		"transaction":      func() any { return event.Transaction() },
		"user":             func() any { return event.User() },
		"identities":       func() any { return event.Identities() },
		"enrolled-factors": func() any { return event.EnrolledFactors() },
		"app-metadata":     func() any { return raw(event.AppMetadata()) },
		"user-metadata":    func() any { return raw(event.UserMetadata()) },
		"secrets":          func() any { return event.Secrets() },
		"configuration":    func() any { return raw(event.Configuration()) },
	}
	show(path, reflect.ValueOf(values[name]()), line)
}

// raw is JSON, which is shown as it is.
type raw string

// The fields that hold JSON. To Go they are strings like others.
var jsonFields = map[string]bool{
	"AkamaiUserRisk.General": true, "AkamaiUserRisk.Risk": true, "AkamaiUserRisk.Trust": true,
	"Prompt.Fields": true, "Prompt.Vars": true,
	"Request.Body": true, "Request.Query": true,
	"Identity.ProfileData": true, "EnrolledFactor.Options": true,
}

func show(path string, value reflect.Value, line func(string)) {
	switch found := value.Interface().(type) {
	case raw:
		line(path + " = " + string(found))
		return
	case string:
		line(path + " = " + quoted(found))
		return
	case bool:
		line(path + " = " + strconv.FormatBool(found))
		return
	case float64:
		line(path + " = " + strconv.FormatFloat(found, 'f', -1, 64))
		return
	case []flowhost.Pair:
		for _, pair := range found {
			line(fmt.Sprintf("%s[%s] = %s", path, quoted(pair.F0), quoted(pair.F1)))
		}
		if len(found) == 0 {
			line(path + " = []")
		}
		return
	}
	if get := value.MethodByName("Get"); get.IsValid() {
		// An option.
		if inside := get.Call(nil); inside[1].Bool() {
			show(path, inside[0], line)
		} else {
			line(path + " = none")
		}
		return
	}
	if value.Kind() == reflect.Slice {
		for i := range value.Len() {
			show(fmt.Sprintf("%s[%d]", path, i), value.Index(i), line)
		}
		if value.Len() == 0 {
			line(path + " = []")
		}
		return
	}
	for i := range value.NumField() {
		field := value.Type().Field(i)
		inside := value.Field(i)
		if jsonFields[value.Type().Name()+"."+field.Name] {
			inside = asRaw(inside)
		}
		show(path+"."+kebab(field.Name), inside, line)
	}
}

func asRaw(value reflect.Value) reflect.Value {
	switch text := value.Interface().(type) {
	case string:
		return reflect.ValueOf(raw(text))
	case flowhost.Option[string]:
		if text, ok := text.Get(); ok {
			return reflect.ValueOf(raw(text))
		}
	}
	return value
}

// kebab is the name that the contract has for a field.
func kebab(name string) string {
	var kebab strings.Builder
	for i, c := range name {
		if i > 0 && c >= 'A' && c <= 'Z' {
			kebab.WriteByte('-')
		}
		kebab.WriteRune(c)
	}
	return strings.ToLower(kebab.String())
}

var escapes = strings.NewReplacer(escaped()...)

func escaped() []string {
	pairs := []string{
		`"`, `\"`, `\`, `\\`, "\b", `\b`, "\f", `\f`, "\n", `\n`, "\r", `\r`, "\t", `\t`,
	}
	for c := range 0x20 {
		pairs = append(pairs, string(rune(c)), fmt.Sprintf(`\u%04x`, c))
	}
	return pairs
}

// quoted is a string in double quotes, with the escapes of JSON.
func quoted(text string) string {
	return `"` + escapes.Replace(text) + `"`
}

func quotedOrNone(text flowhost.Option[string]) string {
	if text, ok := text.Get(); ok {
		return quoted(text)
	}
	return "none"
}

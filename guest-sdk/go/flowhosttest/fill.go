package flowhosttest

import (
	"fmt"
	"reflect"
	"sort"
	"strings"

	flowhost "github.com/flowhost/flowhost/guest-sdk/go"
)

// optional is what any flowhost.Option has.
type optional interface{ Slot() any }

// fill reads a value of the event into the contract's type. What is absent stays a zero.
func fill(target any, value any) {
	if value == nil {
		return
	}
	if option, ok := target.(optional); ok {
		fill(option.Slot(), value)
		return
	}
	switch target := target.(type) {
	case *string:
		*target = stringOf(value)
	case *bool:
		*target = as[bool](value)
	case *float64:
		*target = as[float64](value)
	case *[]flowhost.Pair:
		*target = pairs(as[map[string]any](value))
	default:
		fillStructured(reflect.ValueOf(target).Elem(), value)
	}
}

func fillStructured(target reflect.Value, value any) {
	if target.Kind() == reflect.Slice {
		for _, item := range as[[]any](value) {
			target.Grow(1)
			target.SetLen(target.Len() + 1)
			fill(target.Index(target.Len()-1).Addr().Interface(), item)
		}
		return
	}
	record := map[string]any{}
	for name, inside := range as[map[string]any](value) {
		record[plain(name)] = inside
	}
	for i := range target.NumField() {
		fill(target.Field(i).Addr().Interface(), record[plain(target.Type().Field(i).Name)])
	}
}

// plain is a name without what the spellings differ in: names in the event mix camel
// and snake case.
func plain(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, "_", ""))
}

// stringOf is a string, or the text of JSON.
func stringOf(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	return text(value)
}

func as[T any](value any) T {
	found, ok := value.(T)
	if !ok {
		panic(fmt.Sprintf("flowhosttest: %v is %T where the event has %T", value, value, found))
	}
	return found
}

func pairs(record map[string]any) []flowhost.Pair {
	names := make([]string, 0, len(record))
	for name := range record {
		names = append(names, name)
	}
	sort.Strings(names)
	made := make([]flowhost.Pair, len(names))
	for i, name := range names {
		made[i] = flowhost.Param(name, stringOf(record[name]))
	}
	return made
}

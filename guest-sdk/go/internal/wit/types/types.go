// Package wit_types holds what the generated bindings make of WIT's own types. Their
// names are those that the generator uses.
package wit_types

// Unit is the success of a call that answers nothing.
type Unit struct{}

// Tuple2 is a pair.
type Tuple2[T any, U any] struct {
	F0 T
	F1 U
}

const (
	OptionNone = 0
	OptionSome = 1
)

// Option is a value that may be absent.
type Option[T any] struct {
	some  bool
	value T
}

// Some is a value that is there.
func Some[T any](value T) Option[T] { return Option[T]{true, value} }

// None is a value that is absent.
func None[T any]() Option[T] { return Option[T]{} }

// Get returns the value and whether it is there.
func (o Option[T]) Get() (T, bool) { return o.value, o.some }

// Or returns the value, or another one when it is absent.
func (o Option[T]) Or(other T) T {
	if o.some {
		return o.value
	}
	return other
}

// IsNone says whether the value is absent.
func (o Option[T]) IsNone() bool { return !o.some }

// IsSome says whether the value is there.
func (o Option[T]) IsSome() bool { return o.some }

// Some returns the value. It panics when there is none.
func (o Option[T]) Some() T {
	if !o.some {
		panic("the value is absent")
	}
	return o.value
}

// Tag is OptionNone or OptionSome.
func (o Option[T]) Tag() uint8 {
	if o.some {
		return OptionSome
	}
	return OptionNone
}

// Slot makes the value present, and returns a pointer to it: for those who fill in
// records from elsewhere.
func (o *Option[T]) Slot() any {
	o.some = true
	return &o.value
}

const (
	ResultOk  = 0
	ResultErr = 1
)

// Result is what a call came to.
type Result[T any, E any] struct {
	failed bool
	value  T
	err    E
}

// Ok is a success.
func Ok[T any, E any](value T) Result[T, E] { return Result[T, E]{value: value} }

// Err is a failure.
func Err[T any, E any](err E) Result[T, E] { return Result[T, E]{failed: true, err: err} }

// Tag is ResultOk or ResultErr.
func (r Result[T, E]) Tag() uint8 {
	if r.failed {
		return ResultErr
	}
	return ResultOk
}

// IsErr says whether it is a failure.
func (r Result[T, E]) IsErr() bool { return r.failed }

// Ok returns the success, or a zero.
func (r Result[T, E]) Ok() T { return r.value }

// Err returns the failure, or a zero.
func (r Result[T, E]) Err() E { return r.err }

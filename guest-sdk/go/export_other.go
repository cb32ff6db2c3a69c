//go:build !wasip1

package flowhost

// Outside of a component there is nobody to export an action to; tests call it
// themselves.
func export(Action) {}

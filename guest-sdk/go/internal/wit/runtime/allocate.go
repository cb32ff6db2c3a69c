// Package runtime hands out the memory that calls between an action and its host
// need.
package runtime

import (
	"runtime"
	"unsafe"
)

// Allocate returns memory of the action's own, which stays where it is until the
// pinner is told otherwise.
func Allocate(pinner *runtime.Pinner, size, align uintptr) unsafe.Pointer {
	if size == 0 {
		return nil
	}
	// Nothing in the contract is aligned to more than 8 bytes.
	memory := unsafe.Pointer(unsafe.SliceData(make([]uint64, (size+7)/8)))
	pinner.Pin(memory)
	return memory
}

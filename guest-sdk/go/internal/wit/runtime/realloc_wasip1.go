package runtime

import "unsafe"

// The host puts strings and lists into the memory it gets here. It asks for it in the
// middle of a call, when the garbage collector must not run: the collector reads the
// clock, which is a call to the host, and that may not begin before this one is over.
// So the memory is none of the collector's. It is never freed; a run is short, and its
// instance is thrown away as a whole.

//go:linkname sbrk runtime.sbrk
func sbrk(size uintptr) unsafe.Pointer

// How much is asked of the system at once: a page of WebAssembly.
const chunk = 64 << 10

var free, end uintptr

//go:wasmexport cabi_realloc
func realloc(old unsafe.Pointer, oldSize, align, size uintptr) unsafe.Pointer {
	start := (free + align - 1) &^ (align - 1)
	if free == 0 || start+size > end {
		wanted := (size + align + chunk - 1) &^ (chunk - 1)
		memory := uintptr(sbrk(wanted))
		if memory == 0 {
			panic("out of memory")
		}
		// What was left of the page before is given up, unless this one is its neighbour.
		if memory != end {
			free = memory
		}
		end = memory + wanted
		start = (free + align - 1) &^ (align - 1)
	}
	free = start + size
	fresh := unsafe.Pointer(start)
	if oldSize > 0 {
		copy(unsafe.Slice((*byte)(fresh), size), unsafe.Slice((*byte)(old), min(oldSize, size)))
	}
	return fresh
}

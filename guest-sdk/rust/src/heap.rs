//! [`Heap`]: memory for actions, which live for one run and are thrown away as a
//! whole. What fits into the arena is handed out by moving a mark, and given back
//! only when it was handed out last; the rest comes from Rust's own allocator. Most
//! runs never need that, so they never set it up.
#![allow(unsafe_code, reason = "an allocator")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, UnsafeCell};

/// Bytes of the arena. They are zero, and cost nothing until they are touched.
const ARENA: usize = 256 * 1024;

/// The allocator that [`export!`](crate::export) gives an action.
#[derive(Debug)]
pub struct Heap {
    arena: UnsafeCell<Arena>,
    /// Where free memory begins in the arena.
    mark: Cell<usize>,
}

#[derive(Debug)]
#[repr(align(16))]
struct Arena {
    _bytes: [u8; ARENA],
}

// SAFETY: a component has one thread. The tests keep each to a thread of its own.
#[cfg(any(test, all(target_family = "wasm", not(target_feature = "atomics"))))]
unsafe impl Sync for Heap {}

impl Heap {
    /// An empty heap.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only for statics")]
    pub const fn new() -> Self {
        Heap { arena: UnsafeCell::new(Arena { _bytes: [0; ARENA] }), mark: Cell::new(0) }
    }

    fn start(&self) -> *mut u8 {
        self.arena.get().cast()
    }

    /// Where in the arena `pointer` leads; none when it leads elsewhere.
    fn place(&self, pointer: *mut u8) -> Option<usize> {
        let place = pointer.addr().wrapping_sub(self.start().addr());
        (place < ARENA).then_some(place)
    }

    /// Moves the mark; none when the arena has no room for so much.
    fn take(&self, from: usize, size: usize) -> Option<()> {
        let end = from.checked_add(size).filter(|end| *end <= ARENA)?;
        self.mark.set(end);
        Some(())
    }
}

// SAFETY: memory is handed out once: from the arena, beyond the mark, or by `System`.
// Nothing that the arena handed out reaches `System`, and the other way round.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // The arena's start is aligned to 16 bytes, so this aligns within it.
        let from = self.mark.get().next_multiple_of(layout.align());
        match layout.align() <= align_of::<Arena>() && self.take(from, layout.size()).is_some() {
            // SAFETY: `from` is within the arena.
            true => unsafe { self.start().add(from) },
            // SAFETY: the caller's promise.
            false => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        match self.place(pointer) {
            Some(place) if place + layout.size() == self.mark.get() => self.mark.set(place),
            Some(_) => {}
            // SAFETY: it is not of the arena, so `System` has handed it out.
            None => unsafe { System.dealloc(pointer, layout) },
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Some(place) = self.place(pointer) else {
            // SAFETY: as above.
            return unsafe { System.realloc(pointer, layout, size) };
        };
        // What was handed out last, such as a text that is being written, grows in place.
        let last = place + layout.size() == self.mark.get();
        if last && self.take(place, size).is_some() {
            return pointer;
        }
        if size <= layout.size() {
            return pointer;
        }
        // SAFETY: the caller's promise; sizes and alignment are those of a layout.
        unsafe {
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                moved.copy_from_nonoverlapping(pointer, layout.size());
            }
            moved
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).expect("a layout")
    }

    #[test]
    fn memory_is_handed_out_once_and_aligned() {
        let heap = Heap::new();
        let mut taken: Vec<(usize, usize)> = Vec::new();
        for (size, align) in [(1, 1), (3, 8), (16, 16), (0, 4), (100, 64), (7, 2), (40_000, 8)] {
            // SAFETY: a layout of more than nothing, or of nothing that is not used.
            let place = unsafe { heap.alloc(layout(size, align)) }.addr();
            assert_eq!(place % align, 0, "{size} bytes aligned to {align}");
            let apart = |&(from, end): &(usize, usize)| place + size <= from || end <= place;
            assert!(taken.iter().all(apart), "{size} bytes at {place}");
            taken.push((place, place + size));
        }
    }

    #[test]
    fn what_was_handed_out_last_grows_and_is_given_back_in_place() {
        let heap = Heap::new();
        // SAFETY: what is given back was handed out with that layout.
        unsafe {
            let first = heap.alloc(layout(10, 1));
            first.write_bytes(7, 10);
            assert_eq!(heap.realloc(first, layout(10, 1), 1_000), first, "grown");
            let second = heap.alloc(layout(10, 1));
            let moved = heap.realloc(first, layout(1_000, 1), 2_000);
            assert_ne!(moved, first);
            assert_eq!(std::slice::from_raw_parts(moved, 10), [7; 10]);
            heap.dealloc(moved, layout(2_000, 1));
            heap.dealloc(second, layout(10, 1));
            assert_eq!(heap.mark.get(), 1_000, "what is in the way stays");
        }
    }

    #[test]
    fn what_does_not_fit_comes_from_elsewhere() {
        let heap = Heap::new();
        // SAFETY: as above.
        unsafe {
            let large = heap.alloc(layout(ARENA + 1, 8));
            assert!(heap.place(large).is_none());
            large.write_bytes(1, ARENA + 1);
            let large = heap.realloc(large, layout(ARENA + 1, 8), 2 * ARENA);
            assert_eq!(*large.add(ARENA), 1);
            heap.dealloc(large, layout(2 * ARENA, 8));
            let small = heap.alloc(layout(ARENA, 8));
            assert!(heap.place(small).is_some());
            small.write_bytes(2, ARENA);
            let grown = heap.realloc(small, layout(ARENA, 8), ARENA + 8);
            assert!(heap.place(grown).is_none());
            assert_eq!(*grown.add(ARENA - 1), 2);
            heap.dealloc(grown, layout(ARENA + 8, 8));
        }
    }
}

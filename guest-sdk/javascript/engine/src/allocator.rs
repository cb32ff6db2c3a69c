//! Memory. While a file is loaded, what is freed is wiped: a snapshot holds all
//! that is not zero, and loading leaves a lot behind that nobody reads again.
//!
//! There are two heaps, that of Rust and that of the C library that QuickJS
//! brings along.

#![allow(unsafe_code, reason = "an allocator")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::c_void;

use rquickjs::allocator::Allocator;

use crate::LOADING;

/// Rust's heap.
#[global_allocator]
static RUST: Rust = Rust;

struct Rust;

// SAFETY: `System` does the work; what is wiped is the caller's until then.
unsafe impl GlobalAlloc for Rust {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe {
            if LOADING.get() {
                pointer.write_bytes(0, layout.size());
            }
            System.dealloc(pointer, layout);
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        unsafe {
            if !LOADING.get() {
                return System.realloc(pointer, layout, size);
            }
            let moved = System.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                moved.copy_from_nonoverlapping(pointer, layout.size().min(size));
                self.dealloc(pointer, layout);
            }
            moved
        }
    }
}

/// QuickJS's heap.
pub(crate) struct C;

unsafe extern "C" {
    fn malloc(size: usize) -> *mut c_void;
    fn calloc(count: usize, size: usize) -> *mut c_void;
    fn realloc(pointer: *mut c_void, size: usize) -> *mut c_void;
    fn free(pointer: *mut c_void);
    fn malloc_usable_size(pointer: *mut c_void) -> usize;
}

// SAFETY: the C library does the work; what is wiped is the caller's until
// then.
unsafe impl Allocator for C {
    fn alloc(&mut self, size: usize) -> *mut u8 {
        unsafe { malloc(size).cast() }
    }

    fn calloc(&mut self, count: usize, size: usize) -> *mut u8 {
        unsafe { calloc(count, size).cast() }
    }

    unsafe fn dealloc(&mut self, pointer: *mut u8) {
        unsafe {
            if LOADING.get() {
                pointer.write_bytes(0, malloc_usable_size(pointer.cast()));
            }
            free(pointer.cast());
        }
    }

    unsafe fn realloc(&mut self, pointer: *mut u8, size: usize) -> *mut u8 {
        unsafe {
            if !LOADING.get() {
                return realloc(pointer.cast(), size).cast();
            }
            let moved: *mut u8 = malloc(size).cast();
            if !moved.is_null() {
                let old = malloc_usable_size(pointer.cast());
                moved.copy_from_nonoverlapping(pointer, old.min(size));
                self.dealloc(pointer);
            }
            moved
        }
    }

    unsafe fn usable_size(pointer: *mut u8) -> usize {
        unsafe { malloc_usable_size(pointer.cast()) }
    }
}

/// Wipes the stack below whoever calls: what functions left there that have
/// returned.
#[inline(never)]
pub(crate) fn wipe_stack() {
    std::hint::black_box([0_u8; 384 * 1024]);
}

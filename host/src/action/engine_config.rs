//! The settings of wasmtime, in one place: compiled code and fuel depend on
//! every one of them, and a compiler in another process must have the same.

use std::sync::Arc;

use wasmtime::{
    CacheStore, Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel,
    PoolingAllocationConfig, Result, WasmFeatures,
};

use super::functions::Functions;
use crate::limits::{MAX_INSTANCES, MAX_MEMORY, MAX_TABLE_ELEMENTS};

/// The wasm stack of a run.
const WASM_STACK: usize = 512 * 1024;

/// The stack of the fiber a run lives on: the wasm stack and what host calls
/// need above it.
const FIBER_STACK: usize = WASM_STACK + 1024 * 1024;

/// What one run may take from the pool: large guests, such as Python, consist
/// of more than fifteen core instances and a few memories.
const CORE_INSTANCES: u32 = MAX_INSTANCES as u32;
const MEMORIES: u32 = 4;
const TABLES: u32 = 32;

/// The pool reserves address space. Where there is not enough, or the kernel
/// lacks what makes it fast, runs get their memory one by one.
pub(super) fn for_running(runs: usize, functions: Option<&Arc<Functions>>) -> Result<Engine> {
    let pooled = config(functions)
        .and_then(|mut config| Engine::new(config.allocation_strategy(pool(runs))));
    pooled.or_else(|error| {
        tracing::warn!(%error, "no pooled memory: actions start slower");
        Engine::new(&config(functions)?)
    })
}

fn config(functions: Option<&Arc<Functions>>) -> Result<Config> {
    let mut config = Config::new();
    if let Some(functions) = functions {
        let functions: Arc<dyn CacheStore> = Arc::clone(functions) as _;
        config.enable_incremental_compilation(functions)?;
    }
    config
        .consume_fuel(true)
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK)
        .async_stack_size(FIBER_STACK)
        .cranelift_opt_level(OptLevel::Speed)
        .memory_init_cow(true)
        .concurrency_support(false)
        .wasm_features(WasmFeatures::all(), false)
        .wasm_features(features(), true);
    Ok(config)
}

/// What an action may be made of: WebAssembly 2.0 and what compilers make use
/// of since. No threads, garbage collection, exceptions, 64-bit memories or
/// asynchronous components.
fn features() -> WasmFeatures {
    WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::CALL_INDIRECT_OVERLONG
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::BULK_MEMORY_OPT
        | WasmFeatures::FLOATS
        | WasmFeatures::SIMD
        | WasmFeatures::RELAXED_SIMD
        | WasmFeatures::TAIL_CALL
        | WasmFeatures::EXTENDED_CONST
        | WasmFeatures::MULTI_MEMORY
        | WasmFeatures::COMPONENT_MODEL
}

fn pool(runs: usize) -> InstanceAllocationStrategy {
    let runs = u32::try_from(runs.max(1)).unwrap_or(u32::MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(runs)
        .total_core_instances(runs.saturating_mul(CORE_INSTANCES))
        .total_memories(runs.saturating_mul(MEMORIES))
        .total_tables(runs.saturating_mul(TABLES))
        .total_stacks(runs)
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .max_memories_per_module(MEMORIES)
        .max_tables_per_module(TABLES)
        .max_component_instance_size(8 << 20)
        .max_core_instance_size(8 << 20)
        .max_memory_size(MAX_MEMORY as usize)
        .table_elements(MAX_TABLE_ELEMENTS as usize)
        .linear_memory_keep_resident(keep_resident())
        .table_keep_resident(64 << 10)
        .pagemap_scan(Enabled::Auto);
    InstanceAllocationStrategy::Pooling(pool)
}

/// How much of a memory stays mapped between two runs. Where the kernel tells
/// which pages were written, only those are restored, and all that a guest
/// with an engine inside writes to may stay; elsewhere each byte of it is copied. What
/// stays is this process's for as long as it lives, however few runs there are.
fn keep_resident() -> usize {
    match PoolingAllocationConfig::is_pagemap_scan_available() {
        true => 2 << 20,
        false => 256 << 10,
    }
}

;; expect: run: host_calls_exceeded
;; Takes 4,096 random bytes for ever.
(component $C
  (import "wasi:random/random@0.2.6" (instance $random
    (export "get-random-bytes" (func (param "len" u64) (result (list u8))))
    (export "get-random-u64" (func (result u64)))))
  (core module $memory
    (memory (export "memory") 1)
    (table (export "table") 4 funcref)
    (global $next (mut i32) (i32.const 32768))
    (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32)
      (result i32)
      (i32.const 1024)))
  (core instance $memory (instantiate $memory))
  (core func $random-bytes (canon lower (func $random "get-random-bytes")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc")) string-encoding=utf8))
  (core func $random-u64 (canon lower (func $random "get-random-u64")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc")) string-encoding=utf8))
  (core module $m
    (import "memory" "memory" (memory 1))
    (import "memory" "table" (table 4 funcref))
    (import "host" "random-bytes" (func $random-bytes (param i64 i32)))
    (import "host" "random-u64" (func $random-u64 (result i64)))
    (func (export "on-execute") (result i32)
      (loop (call $random-bytes (i64.const 4096) (i32.const 128)) (br 0))
      (i32.const 0))
  )
  (core instance $i (instantiate $m
    (with "memory" (instance $memory))
    (with "host" (instance
      (export "random-bytes" (func $random-bytes))
      (export "random-u64" (func $random-u64))))))
  (type $failure' (record
    (field "name" string) (field "message" string) (field "stack" (option string))))
  (component $handler
    (import "failure" (type $failure (eq $failure')))
    (import "handle" (func $handle (result (result (error $failure)))))
    (export $exported "failure" (type $failure))
    (export "handle" (func $handle) (func (result (result (error $exported))))))
  (func $on-execute (result (result (error $failure'))) (canon lift
    (core func $i "on-execute") (memory (core memory $memory "memory")) string-encoding=utf8))
  (instance $e (instantiate $handler
    (with "failure" (type $failure')) (with "handle" (func $on-execute))))
  (export "flowhost:post-challenge/on-execute@1.0.0" (instance $e))
)

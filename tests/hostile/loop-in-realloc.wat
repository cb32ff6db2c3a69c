;; expect: run: out_of_fuel
;; Never says where the event may be put.
(component $C
  (import "flowhost:post-challenge/event@1.0.0" (instance $event
    (export "get-json" (func (result string)))
    (export "get-text-at" (func (param "pointer" string) (result (option string))))))
  (core module $memory
    (memory (export "memory") 1)
    (table (export "table") 4 funcref)
    (global $next (mut i32) (i32.const 32768))
    (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32)
      (result i32)
      (loop (br 0)) unreachable))
  (core instance $memory (instantiate $memory))
  (core func $get-json (canon lower (func $event "get-json")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc")) string-encoding=utf8))
  (core func $get-text-at (canon lower (func $event "get-text-at")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc")) string-encoding=utf8))
  (core module $m
    (import "memory" "memory" (memory 1))
    (import "memory" "table" (table 4 funcref))
    (import "host" "get-json" (func $get-json (param i32)))
    (import "host" "get-text-at" (func $get-text-at (param i32 i32 i32)))
    (func (export "on-execute") (result i32)
      (call $get-json (i32.const 128))
      (i32.const 0))
  )
  (core instance $i (instantiate $m
    (with "memory" (instance $memory))
    (with "host" (instance
      (export "get-json" (func $get-json))
      (export "get-text-at" (func $get-text-at))))))
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

;; expect: run: out_of_fuel
;; Drops a thing of its own, which never ends.
(component $C
  (core module $memory
    (memory (export "memory") 1)
    (table (export "table") 4 funcref)
    (global $next (mut i32) (i32.const 32768))
    (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32)
      (result i32)
      (global.get $next)
      (global.set $next (i32.and
        (i32.add (i32.add (global.get $next) (local.get $new)) (i32.const 7)) (i32.const -8)))))
  (core instance $memory (instantiate $memory))
  (core module $d (func (export "dtor") (param i32) (loop (br 0))))
  (core instance $d (instantiate $d))
  (type $thing (resource (rep i32) (dtor (core func $d "dtor"))))
  (core func $new (canon resource.new $thing))
  (core func $give-back (canon resource.drop $thing))
  (core module $m
    (import "more" "new" (func $new (param i32) (result i32)))
    (import "more" "give-back" (func $give-back (param i32)))
    (import "memory" "memory" (memory 1))
    (import "memory" "table" (table 4 funcref))
    (func (export "on-execute") (result i32)
      (call $give-back (call $new (i32.const 7)))
      (i32.const 0))
  )
  (core instance $i (instantiate $m
    (with "more" (instance
      (export "new" (func $new))
      (export "give-back" (func $give-back))))
    (with "memory" (instance $memory))
    (with "host" (instance))))
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

;; expect: run: stack_overflow
;; Sixty parameters each time.
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
  (core module $m
    (import "memory" "memory" (memory 1))
    (import "memory" "table" (table 4 funcref))
    (func $deep (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 ) (result i64)
      (i64.add (local.get 59) (call $deep (i64.add (local.get 0) (i64.const 0)) (i64.add (local.get 1) (i64.const 1)) (i64.add (local.get 2) (i64.const 2)) (i64.add (local.get 3) (i64.const 3)) (i64.add (local.get 4) (i64.const 4)) (i64.add (local.get 5) (i64.const 5)) (i64.add (local.get 6) (i64.const 6)) (i64.add (local.get 7) (i64.const 7)) (i64.add (local.get 8) (i64.const 8)) (i64.add (local.get 9) (i64.const 9)) (i64.add (local.get 10) (i64.const 10)) (i64.add (local.get 11) (i64.const 11)) (i64.add (local.get 12) (i64.const 12)) (i64.add (local.get 13) (i64.const 13)) (i64.add (local.get 14) (i64.const 14)) (i64.add (local.get 15) (i64.const 15)) (i64.add (local.get 16) (i64.const 16)) (i64.add (local.get 17) (i64.const 17)) (i64.add (local.get 18) (i64.const 18)) (i64.add (local.get 19) (i64.const 19)) (i64.add (local.get 20) (i64.const 20)) (i64.add (local.get 21) (i64.const 21)) (i64.add (local.get 22) (i64.const 22)) (i64.add (local.get 23) (i64.const 23)) (i64.add (local.get 24) (i64.const 24)) (i64.add (local.get 25) (i64.const 25)) (i64.add (local.get 26) (i64.const 26)) (i64.add (local.get 27) (i64.const 27)) (i64.add (local.get 28) (i64.const 28)) (i64.add (local.get 29) (i64.const 29)) (i64.add (local.get 30) (i64.const 30)) (i64.add (local.get 31) (i64.const 31)) (i64.add (local.get 32) (i64.const 32)) (i64.add (local.get 33) (i64.const 33)) (i64.add (local.get 34) (i64.const 34)) (i64.add (local.get 35) (i64.const 35)) (i64.add (local.get 36) (i64.const 36)) (i64.add (local.get 37) (i64.const 37)) (i64.add (local.get 38) (i64.const 38)) (i64.add (local.get 39) (i64.const 39)) (i64.add (local.get 40) (i64.const 40)) (i64.add (local.get 41) (i64.const 41)) (i64.add (local.get 42) (i64.const 42)) (i64.add (local.get 43) (i64.const 43)) (i64.add (local.get 44) (i64.const 44)) (i64.add (local.get 45) (i64.const 45)) (i64.add (local.get 46) (i64.const 46)) (i64.add (local.get 47) (i64.const 47)) (i64.add (local.get 48) (i64.const 48)) (i64.add (local.get 49) (i64.const 49)) (i64.add (local.get 50) (i64.const 50)) (i64.add (local.get 51) (i64.const 51)) (i64.add (local.get 52) (i64.const 52)) (i64.add (local.get 53) (i64.const 53)) (i64.add (local.get 54) (i64.const 54)) (i64.add (local.get 55) (i64.const 55)) (i64.add (local.get 56) (i64.const 56)) (i64.add (local.get 57) (i64.const 57)) (i64.add (local.get 58) (i64.const 58)) (i64.add (local.get 59) (i64.const 59)) )))
    (func (export "on-execute") (result i32)
      (drop (call $deep (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1) ))
      (i32.const 0))
  )
  (core instance $i (instantiate $m
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

;; expect: run: out_of_fuel
;; A component beside it answers, and then never ends.
(component
  (component $other
    (core module $m
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (i32.const 1024))
      (func (export "take") (param i32 i32) (result i32)
        (i32.const 0))
      (func (export "post") (param i32) (loop (br 0))))
    (core instance $i (instantiate $m))
    (func (export "take") (param "text" string) (result string) (canon lift
      (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))
      (post-return (core func $i "post")))))
  (instance $other (instantiate $other))
  (type $failure' (record
    (field "name" string) (field "message" string) (field "stack" (option string))))
  (component $caller
    (import "failure" (type $failure (eq $failure')))
    (import "take" (func $take (param "text" string) (result string)))
    (core module $memory
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
    (core instance $memory (instantiate $memory))
    (core func $take (canon lower (func $take)
      (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
    (core module $m
      (import "memory" "memory" (memory 1))
      (import "other" "take" (func $take (param i32 i32 i32)))
      (data (i32.const 64) "no")
      (func (export "handle") (result i32)
        (call $take (i32.const 64) (i32.const 2) (i32.const 128))
        (i32.const 0)))
    (core instance $i (instantiate $m
      (with "memory" (instance $memory)) (with "other" (instance (export "take" (func $take))))))
    (export $exported "failure" (type $failure))
    (func $handle (result (result (error $failure))) (canon lift
      (core func $i "handle") (memory (core memory $memory "memory"))))
    (export "handle" (func $handle) (func (result (result (error $exported))))))
  (instance $e (instantiate $caller
    (with "failure" (type $failure'))
    (with "take" (func $other "take"))))
  (export "flowhost:post-challenge/on-execute@1.0.0" (instance $e)))

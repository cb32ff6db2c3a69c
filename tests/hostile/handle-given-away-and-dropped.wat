;; expect: run: action_trapped
;; Gives a thing away and drops it all the same.
(component
  (component $owner
    (core module $d (func (export "dtor") (param i32) ))
    (core instance $d (instantiate $d))
    (type $thing' (resource (rep i32) (dtor (core func $d "dtor"))))
    (export $thing "thing" (type $thing'))
    (core func $new (canon resource.new $thing'))
    (core module $m
      (import "x" "new" (func $new (param i32) (result i32)))
      (func (export "make") (result i32) (call $new (i32.const 7))))
    (core instance $i (instantiate $m (with "x" (instance (export "new" (func $new))))))
    (func $make (result (own $thing)) (canon lift (core func $i "make")))
    (export "make" (func $make)))
  (instance $owner (instantiate $owner))
  (alias export $owner "thing" (type $thing))
  (component $other
    (import "thing" (type $thing (sub resource)))
    (core module $m (func (export "keep") (param i32)) (func (export "have") (param i32) ))
    (core instance $i (instantiate $m))
    (func (export "keep") (param "it" (borrow $thing)) (canon lift (core func $i "keep")))
    (func (export "have") (param "it" (own $thing)) (canon lift (core func $i "have"))))
  (instance $other (instantiate $other (with "thing" (type $thing))))
  (type $failure' (record
    (field "name" string) (field "message" string) (field "stack" (option string))))
  (component $caller
    (import "failure" (type $failure (eq $failure')))
    (import "thing" (type $thing (sub resource)))
    (import "make" (func $make (result (own $thing))))
    (import "keep" (func $keep (param "it" (borrow $thing))))
    (import "have" (func $have (param "it" (own $thing))))
    (core module $memory
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
    (core instance $memory (instantiate $memory))
    (core func $make (canon lower (func $make)))
    (core func $keep (canon lower (func $keep)))
    (core func $have (canon lower (func $have)))
    (core func $drop-thing (canon resource.drop $thing))
    (core module $m
      (import "memory" "memory" (memory 1))
      (import "other" "make" (func $make (result i32)))
      (import "other" "keep" (func $keep (param i32)))
      (import "other" "have" (func $have (param i32)))
      (import "other" "drop" (func $drop-thing (param i32)))
      (data (i32.const 64) "no")
      (func (export "handle") (result i32)
        (local $it i32)
        (local.set $it (call $make))
        (call $have (local.get $it))
        (call $drop-thing (local.get $it))
        (i32.const 0)))
    (core instance $i (instantiate $m
      (with "memory" (instance $memory)) (with "other" (instance
      (export "make" (func $make)) (export "keep" (func $keep))
      (export "have" (func $have)) (export "drop" (func $drop-thing))))))
    (export $exported "failure" (type $failure))
    (func $handle (result (result (error $failure))) (canon lift
      (core func $i "handle") (memory (core memory $memory "memory"))))
    (export "handle" (func $handle) (func (result (result (error $exported))))))
  (instance $e (instantiate $caller
    (with "failure" (type $failure'))
    (with "thing" (type $thing)) (with "make" (func $owner "make"))
    (with "keep" (func $other "keep")) (with "have" (func $other "have"))))
  (export "flowhost:post-challenge/on-execute@1.0.0" (instance $e)))

;; expect: run: action_trapped
;; Its answer lies outside of its memory.
(component
  (core module $m
    (memory (export "memory") 1)

    (func (export "handle") (result i32)
      (return (i32.const 65535))
      (i32.const 0)))
  (core instance $i (instantiate $m))
  (type $failure' (record
    (field "name" string) (field "message" string) (field "stack" (option string))))
  (component $handler
    (import "failure" (type $failure (eq $failure')))
    (import "handle" (func $handle (result (result (error $failure)))))
    (export $exported "failure" (type $failure))
    (export "handle" (func $handle) (func (result (result (error $exported))))))
  (func $handle (result (result (error $failure'))) (canon lift
    (core func $i "handle") (memory (core memory $i "memory"))))
  (instance $e (instantiate $handler
    (with "failure" (type $failure')) (with "handle" (func $handle))))
  (export "flowhost:post-challenge/on-execute@1.0.0" (instance $e)))

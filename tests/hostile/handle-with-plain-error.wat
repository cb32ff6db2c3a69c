;; expect: component_wrong_world
;; The error of `handle` is a text, not a failure.
(component
  (core module $m (memory (export "memory") 1) (func (export "f") (result i32) (i32.const 0)))
  (core instance $i (instantiate $m))
  (func $f (result (result (error string))) (canon lift (core func $i "f") (memory (core memory $i "memory"))))
  (instance $e (export "handle" (func $f)))
  (export "flowhost:post-challenge/on-execute@1.0.0" (instance $e)))

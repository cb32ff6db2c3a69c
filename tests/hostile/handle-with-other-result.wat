;; expect: component_wrong_world
;; `handle` answers with a number.
(component
  (core module $m (memory (export "memory") 1) (func (export "f") (result i32) (i32.const 0)))
  (core instance $i (instantiate $m))
  (func $f (result u32) (canon lift (core func $i "f")))
  (instance $e (export "handle" (func $f)))
  (export "flowhost:post-challenge/on-execute@1.0.0" (instance $e)))

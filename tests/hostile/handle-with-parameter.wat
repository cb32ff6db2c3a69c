;; expect: component_wrong_world
;; `handle` wants something.
(component
  (core module $m (memory (export "memory") 1) (func (export "f") (param i32)))
  (core instance $i (instantiate $m))
  (func $f (param "x" u32) (canon lift (core func $i "f")))
  (instance $e (export "handle" (func $f)))
  (export "flowhost:post-challenge/on-execute@1.0.0" (instance $e)))

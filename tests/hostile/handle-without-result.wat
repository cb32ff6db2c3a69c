;; expect: component_wrong_world
;; `handle` answers nothing.
(component
  (core module $m (memory (export "memory") 1) (func (export "f") ))
  (core instance $i (instantiate $m))
  (func $f  (canon lift (core func $i "f")))
  (instance $e (export "handle" (func $f)))
  (export "flowhost:post-challenge/on-execute@1.0.0" (instance $e)))

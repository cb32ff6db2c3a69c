;; expect: component_wrong_world
;; The name is right, but it is a function.
(component
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (export "on-execute" (func $f)))

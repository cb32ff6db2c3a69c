;; expect: component_wrong_world
;; It takes an interface for a function.
(component
  (import "flowhost:post-challenge/access@1.0.0" (func))
  (instance $e) (export "flowhost:post-challenge/on-execute@1.0.0" (instance $e)))

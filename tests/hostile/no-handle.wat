;; expect: component_wrong_world
;; The interface is there, the function is not.
(component
  (instance $e)
  (export "flowhost:post-challenge/on-execute@1.0.0" (instance $e)))

;; expect: component_import_refused
;; wasi:cli/stdout@0.3.0 is not granted to actions.
(component (import "wasi:cli/stdout@0.3.0" (instance)))

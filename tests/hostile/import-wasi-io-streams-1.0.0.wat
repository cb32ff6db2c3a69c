;; expect: component_import_refused
;; wasi:io/streams@1.0.0 is not granted to actions.
(component (import "wasi:io/streams@1.0.0" (instance)))

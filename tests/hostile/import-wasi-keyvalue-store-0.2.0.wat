;; expect: component_import_refused
;; wasi:keyvalue/store@0.2.0 is not granted to actions.
(component (import "wasi:keyvalue/store@0.2.0" (instance)))

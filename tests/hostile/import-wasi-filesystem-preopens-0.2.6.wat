;; expect: component_import_refused
;; wasi:filesystem/preopens@0.2.6 is not granted to actions.
(component (import "wasi:filesystem/preopens@0.2.6" (instance)))

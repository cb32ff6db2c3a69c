;; expect: component_import_refused
;; wasi:filesystem/types@0.2.6 is not granted to actions.
(component (import "wasi:filesystem/types@0.2.6" (instance)))

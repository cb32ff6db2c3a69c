;; expect: component_import_refused
;; wasi:http/types@0.2.6 needs a grant, like the rest of it.
(component (import "wasi:http/types@0.2.6" (instance)))

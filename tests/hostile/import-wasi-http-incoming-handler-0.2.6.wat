;; expect: component_import_refused
;; wasi:http/incoming-handler@0.2.6 is granted to no action.
(component (import "wasi:http/incoming-handler@0.2.6" (instance)))

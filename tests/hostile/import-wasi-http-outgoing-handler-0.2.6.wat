;; expect: component_import_refused
;; wasi:http/outgoing-handler@0.2.6 is not granted to actions.
(component (import "wasi:http/outgoing-handler@0.2.6" (instance)))

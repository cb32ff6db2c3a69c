;; expect: component_import_refused
;; wasi:sockets/tcp@0.2.6 is not granted to actions.
(component (import "wasi:sockets/tcp@0.2.6" (instance)))

;; expect: component_import_refused
;; wasi:sockets/udp@0.2.6 is not granted to actions.
(component (import "wasi:sockets/udp@0.2.6" (instance)))

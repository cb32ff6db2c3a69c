;; expect: component_import_refused
;; A function of no interface.
(component (import "do-something" (func)))

;; expect: component_import_refused
;; example:other/thing@1.0.0 is not granted to actions.
(component (import "example:other/thing@1.0.0" (instance)))

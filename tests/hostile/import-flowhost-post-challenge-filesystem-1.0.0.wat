;; expect: component_import_refused
;; flowhost:post-challenge/filesystem@1.0.0 is not granted to actions.
(component (import "flowhost:post-challenge/filesystem@1.0.0" (instance)))

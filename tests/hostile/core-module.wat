;; expect: not_a_component
;; A core module has no typed interface.
(module (func (export "on-execute")))

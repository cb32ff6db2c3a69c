;; expect: component_wrong_world
;; A component that does nothing for anybody.
(component)

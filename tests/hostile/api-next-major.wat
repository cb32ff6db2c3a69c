;; expect: component_api_too_new
;; Made for another major version of the contract.
(component (import "flowhost:post-challenge/event@2.0.0" (instance)))

;; expect: component_api_too_new
;; Made for a version of the contract that is not there yet.
(component (import "flowhost:post-challenge/event@1.1.0" (instance)))

;; The smallest action with a redirect, written by hand so that the library's
;; example needs no toolchain: `on-execute` sends the user to
;; https://verify.example.com/, `on-continue` has nothing more to ask.
(component
  (import "flowhost:post-challenge/redirect@1.0.0" (instance $redirect
    (type $api-error' (record (field "code" string) (field "message" string)))
    (export "api-error" (type $api-error (eq $api-error')))
    (type $result (result (error $api-error)))
    (export "send-user-to" (func
      (param "url" string)
      (param "query" (list (tuple string string)))
      (result $result)))))

  (core module $memory
    (memory (export "memory") 1)
    (data (i32.const 1024) "https://verify.example.com/")
    ;; The host writes its answer's texts here; nothing reads them.
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096)))
  (core instance $memory (instantiate $memory))
  (core func $send-user-to (canon lower (func $redirect "send-user-to")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))

  (core module $action
    (import "redirect" "send-user-to" (func $send-user-to (param i32 i32 i32 i32 i32)))
    (import "memory" "memory" (memory 1))
    ;; Both answer `ok`: a result whose tag, at address 0, is 0.
    (func (export "on-execute") (result i32)
      (call $send-user-to
        (i32.const 1024) (i32.const 27)   ;; the URL
        (i32.const 0) (i32.const 0)       ;; no query
        (i32.const 2048))                 ;; where the answer goes
      (i32.const 0))
    (func (export "on-continue") (result i32) (i32.const 0)))
  (core instance $action (instantiate $action
    (with "redirect" (instance (export "send-user-to" (func $send-user-to))))
    (with "memory" (instance $memory))))

  (type $failure' (record
    (field "name" string) (field "message" string) (field "stack" (option string))))
  (component $handler
    (import "failure" (type $failure (eq $failure')))
    (import "handle" (func $handle (result (result (error $failure)))))
    (export $exported "failure" (type $failure))
    (export "handle" (func $handle) (func (result (result (error $exported))))))
  (func $execute (result (result (error $failure'))) (canon lift
    (core func $action "on-execute") (memory (core memory $memory "memory"))))
  (func $continue (result (result (error $failure'))) (canon lift
    (core func $action "on-continue") (memory (core memory $memory "memory"))))
  (instance $on-execute (instantiate $handler
    (with "failure" (type $failure')) (with "handle" (func $execute))))
  (instance $on-continue (instantiate $handler
    (with "failure" (type $failure')) (with "handle" (func $continue))))
  (export "flowhost:post-challenge/on-execute@1.0.0" (instance $on-execute))
  (export "flowhost:post-challenge/on-continue@1.0.0" (instance $on-continue)))

;; expect: run: redirect
;; A good one written by hand: it calls the host, without any toolchain's help,
;; and can go on afterwards.
(component
  (import "flowhost:post-challenge/redirect@1.0.0" (instance $redirect
    (type $error (record (field "code" string) (field "message" string)))
    (export "api-error" (type $exported (eq $error)))
    (type $query (list (tuple string string)))
    (export "send-user-to" (func
      (param "url" string) (param "query" $query) (result (result (error $exported)))))))

  (core module $memory
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $next)
      (global.set $next (i32.and
        (i32.add (i32.add (global.get $next) (local.get 3)) (i32.const 7))
        (i32.const -8)))))
  (core instance $memory (instantiate $memory))
  (core func $send-user-to (canon lower (func $redirect "send-user-to")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))

  (core module $m
    (import "memory" "memory" (memory 1))
    (import "redirect" "send-user-to" (func $send-user-to (param i32 i32 i32 i32 i32)))
    (data (i32.const 256) "https://verify.example.com/")
    ;; The result, all zero: no error.
    (func (export "on-execute") (result i32)
      (call $send-user-to
        (i32.const 256) (i32.const 27) (i32.const 0) (i32.const 0) (i32.const 128))
      (if (i32.load8_u (i32.const 128)) (then unreachable))
      (i32.const 0))
    (func (export "on-continue") (result i32)
      (i32.const 0)))
  (core instance $i (instantiate $m
    (with "memory" (instance $memory))
    (with "redirect" (instance (export "send-user-to" (func $send-user-to))))))

  (type $failure' (record
    (field "name" string) (field "message" string) (field "stack" (option string))))
  (component $handler
    (import "failure" (type $failure (eq $failure')))
    (import "handle" (func $handle (result (result (error $failure)))))
    (export $exported "failure" (type $failure))
    (export "handle" (func $handle) (func (result (result (error $exported))))))
  (func $on-execute (result (result (error $failure'))) (canon lift
    (core func $i "on-execute") (memory (core memory $memory "memory"))))
  (func $on-continue (result (result (error $failure'))) (canon lift
    (core func $i "on-continue") (memory (core memory $memory "memory"))))
  (instance $e (instantiate $handler
    (with "failure" (type $failure')) (with "handle" (func $on-execute))))
  (instance $c (instantiate $handler
    (with "failure" (type $failure')) (with "handle" (func $on-continue))))
  (export "flowhost:post-challenge/on-execute@1.0.0" (instance $e))
  (export "flowhost:post-challenge/on-continue@1.0.0" (instance $c)))

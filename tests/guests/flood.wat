;; An action that logs one message of LENGTH bytes, TIMES times.
(component
  (import "flowhost:post-challenge/log@1.0.0" (instance $log
    (type $level (enum "debug" "info" "warn" "error"))
    (export "level" (type $exported (eq $level)))
    (export "write" (func (param "level" $exported) (param "message" string)))))

  (core module $memory (memory (export "memory") 32))
  (core instance $memory (instantiate $memory))
  (core func $write (canon lower (func $log "write") (memory (core memory $memory "memory"))))

  (core module $m
    (import "memory" "memory" (memory 32))
    (import "log" "write" (func $write (param i32 i32 i32)))
    (func (export "handle") (result i32)
      (local $left i64)
      (memory.fill (i32.const 1024) (i32.const 0x78) (i32.const LENGTH))
      (local.set $left (i64.const TIMES))
      (loop $again
        (call $write (i32.const 1) (i32.const 1024) (i32.const LENGTH))
        (br_if $again (i64.ne (i64.const 0)
          (local.tee $left (i64.sub (local.get $left) (i64.const 1))))))
      (i32.const 0)))
  (core instance $i (instantiate $m
    (with "memory" (instance $memory))
    (with "log" (instance (export "write" (func $write))))))

  (type $failure' (record
    (field "name" string) (field "message" string) (field "stack" (option string))))
  (component $handler
    (import "failure" (type $failure (eq $failure')))
    (import "handle" (func $handle (result (result (error $failure)))))
    (export $exported "failure" (type $failure))
    (export "handle" (func $handle) (func (result (result (error $exported))))))
  (func $handle (result (result (error $failure'))) (canon lift
    (core func $i "handle") (memory (core memory $memory "memory"))))
  (instance $e (instantiate $handler
    (with "failure" (type $failure')) (with "handle" (func $handle))))
  (export "flowhost:post-challenge/on-execute@1.0.0" (instance $e)))

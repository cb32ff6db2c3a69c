;; expect: run: handles_exceeded
;; Takes standard output and never gives it back.
(component $C
  (import "wasi:io/error@0.2.6" (instance $io-error
    (export "error" (type $error (sub resource)))))
  (alias export $io-error "error" (type $error))
  (import "wasi:io/streams@0.2.6" (instance $streams
    (alias outer $C $error (type $error'))
    (export "error" (type $error (eq $error')))
    (export "output-stream" (type $output-stream (sub resource)))
    (export "input-stream" (type $input-stream (sub resource)))
    (type $stream-error' (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $stream-error')))
    (export "[method]output-stream.write" (func (param "self" (borrow $output-stream))
      (param "contents" (list u8)) (result (result (error $stream-error)))))
    (export "[method]input-stream.read" (func (param "self" (borrow $input-stream))
      (param "len" u64) (result (result (list u8) (error $stream-error)))))))
  (alias export $streams "output-stream" (type $output-stream))
  (alias export $streams "input-stream" (type $input-stream))
  (import "wasi:cli/stdout@0.2.6" (instance $stdout
    (alias outer $C $output-stream (type $output-stream'))
    (export "output-stream" (type $output-stream (eq $output-stream')))
    (export "get-stdout" (func (result (own $output-stream))))))
  (core module $memory
    (memory (export "memory") 1)
    (table (export "table") 4 funcref)
    (global $next (mut i32) (i32.const 32768))
    (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32)
      (result i32)
      (global.get $next)
      (global.set $next (i32.and
        (i32.add (i32.add (global.get $next) (local.get $new)) (i32.const 7)) (i32.const -8)))))
  (core instance $memory (instantiate $memory))
  (core func $get-stdout (canon lower (func $stdout "get-stdout")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc")) string-encoding=utf8))
  (core module $m
    (import "memory" "memory" (memory 1))
    (import "memory" "table" (table 4 funcref))
    (import "host" "get-stdout" (func $get-stdout (result i32)))
    (data (i32.const 64) "no") (data (i32.const 256) "https://verify.example.com/")
    (func (export "on-execute") (result i32)
      (loop (drop (call $get-stdout)) (br 0))
      (i32.const 0))
  )
  (core instance $i (instantiate $m
    (with "memory" (instance $memory))
    (with "host" (instance
      (export "get-stdout" (func $get-stdout))))))
  (type $failure' (record
    (field "name" string) (field "message" string) (field "stack" (option string))))
  (component $handler
    (import "failure" (type $failure (eq $failure')))
    (import "handle" (func $handle (result (result (error $failure)))))
    (export $exported "failure" (type $failure))
    (export "handle" (func $handle) (func (result (result (error $exported))))))
  (func $on-execute (result (result (error $failure'))) (canon lift
    (core func $i "on-execute") (memory (core memory $memory "memory")) string-encoding=utf8))
  (instance $e (instantiate $handler
    (with "failure" (type $failure')) (with "handle" (func $on-execute))))
  (export "flowhost:post-challenge/on-execute@1.0.0" (instance $e))
)

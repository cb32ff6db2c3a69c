;; expect: run: action_trapped
;; Challenges the user and ends its process, with success.
(component $C
  (import "flowhost:post-challenge/authentication@1.0.0" (instance $authentication
    (type $error (record (field "code" string) (field "message" string)))
    (export "api-error" (type $api-error (eq $error)))
    (type $done (result (error $api-error)))
    (type $method' (enum "sms" "voice" "both"))
    (export "phone-method" (type $method (eq $method')))
    (type $phone' (record (field "preferred-method" (option $method))))
    (export "phone-options" (type $phone (eq $phone')))
    (type $push' (record (field "otp-fallback" (option bool))))
    (export "push-options" (type $push (eq $push')))
    (type $other' (record (field "type" string) (field "options" (option string))))
    (export "other-factor" (type $other (eq $other')))
    (type $factor' (variant
      (case "otp") (case "email") (case "webauthn-platform") (case "webauthn-roaming")
      (case "recovery-code" (option string)) (case "phone" $phone)
      (case "push-notification" $push) (case "other" $other)))
    (export "factor" (type $factor (eq $factor')))
    (export "challenge-with" (func
      (param "factor" $factor) (param "additional-factors" (list $factor)) (result $done)))
    (export "challenge-with-any" (func (param "factors" (list $factor)) (result $done)))))
  (import "wasi:cli/exit@0.2.6" (instance $exit
    (export "exit" (func (param "status" (result))))))
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
  (core func $challenge-with (canon lower (func $authentication "challenge-with")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc")) string-encoding=utf8))
  (core func $challenge-with-any (canon lower (func $authentication "challenge-with-any")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc")) string-encoding=utf8))
  (core func $exit (canon lower (func $exit "exit")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc")) string-encoding=utf8))
  (core module $m
    (import "memory" "memory" (memory 1))
    (import "memory" "table" (table 4 funcref))
    (import "host" "challenge-with" (func $challenge-with (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "host" "challenge-with-any" (func $challenge-with-any (param i32 i32 i32)))
    (import "host" "exit" (func $exit (param i32)))
    (data (i32.const 64) "no") (data (i32.const 256) "https://verify.example.com/")
    (func (export "on-execute") (result i32)
      (call $challenge-with (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 128))
      (call $exit (i32.const 0))
      (i32.const 0))
  )
  (core instance $i (instantiate $m
    (with "memory" (instance $memory))
    (with "host" (instance
      (export "challenge-with" (func $challenge-with))
      (export "challenge-with-any" (func $challenge-with-any))
      (export "exit" (func $exit))))))
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

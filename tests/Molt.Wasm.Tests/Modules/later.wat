;; Serves HTTP with what capability 0 says to the text "Ada", which takes it some time.
(module
  (import "molt" "molt_call" (func $molt_call (param i32 i32 i32 i32 i32) (result i32)))
  (import "molt" "molt_poll" (func $molt_poll (param i32 i32) (result i32)))
  ;;include abi
  (data (i32.const 512) "\a3Ada")
  (data (i32.const 768) "\93\cc\c8\91\92\a1x\a1y\c4")
  (func (export "init") (param i32 i32) (result i32) (i32.const 0))
  (func (export "call") (param i32 i32 i32 i32) (param $out i32) (result i32)
    (call $greet (local.get $out) (call $molt_call (i32.const 0) (i32.const 0) (i32.const 512) (i32.const 4) (local.get $out))))
  (func (export "poll") (param $task i32) (param $out i32) (result i32)
    (call $greet (local.get $out) (call $molt_poll (local.get $task) (local.get $out))))
  ;; Makes a response of what the capability said, once it has said it.
  (func $greet (param $out i32) (param $status i32) (result i32) (local $length i32)
    (if (local.get $status) (then (return (local.get $status))))
    (if (i32.load offset=12 (local.get $out)) (then (return (i32.const 0))))
    (local.set $length (i32.sub (i32.load offset=4 (local.get $out)) (i32.const 1)))
    (i32.store8 (i32.const 778) (local.get $length))
    (memory.copy (i32.const 779) (i32.add (i32.load (local.get $out)) (i32.const 1)) (local.get $length))
    (call $answer (local.get $out) (i32.const 768) (i32.add (local.get $length) (i32.const 11)) (i32.const 1) (i32.const 0))
    (i32.const 0))
  (func (export "cancel") (param i32 i32) (result i32) (i32.const 0)))

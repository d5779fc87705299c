;; Answers with status 200, the header x: y and the request's payload as the body; counts in memory. Status 500 when not fresh.
(module
  ;;include abi
  (data (i32.const 512) "\93\cc\c8\91\92\a1x\a1y\c5")
  (func (export "init") (param i32 i32) (result i32) (i32.const 0))
  (func (export "call") (param i32 i32) (param $ptr i32) (param $len i32) (param $out i32) (result i32)
    (if (i32.load (i32.const 64)) (then (return (i32.const 7))))
    (i32.store (i32.const 64) (i32.const 1))
    (i32.store8 (i32.const 522) (i32.shr_u (local.get $len) (i32.const 8)))
    (i32.store8 (i32.const 523) (local.get $len))
    (memory.copy (i32.const 524) (local.get $ptr) (local.get $len))
    (call $answer (local.get $out) (i32.const 512) (i32.add (local.get $len) (i32.const 12)) (i32.const 1) (i32.const 0))
    (i32.const 0))
  (func (export "poll") (param i32 i32) (result i32) (i32.const 7))
  (func (export "cancel") (param i32 i32) (result i32) (i32.const 0)))

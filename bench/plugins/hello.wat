;; Answers every request with 200 and "Hello World!"; PAGES is put in by bench/plugins.mjs.
(module
  (memory (export "memory") PAGES)
  (global $heap (mut i32) (i32.const 4096))
  (data (i32.const 64) "\93\cc\c8\91\92\accontent-type\aatext/plain\c4\0cHello World!")
  (func (export "molt_alloc") (param $length i32) (result i32)
    (global.get $heap)
    (global.set $heap (i32.add (global.get $heap) (i32.and (i32.add (local.get $length) (i32.const 15)) (i32.const -16)))))
  (func (export "molt_free") (param i32 i32))
  (func (export "init") (param i32 i32) (result i32)
    ;; Every page holds something, so that a reset has something to lose.
    (local $at i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (i32.shl (memory.size) (i32.const 16))))
        (i32.store8 offset=4000 (local.get $at) (i32.const 1))
        (local.set $at (i32.add (local.get $at) (i32.const 4096)))
        (br $next)))
    (i32.const 0))
  (func (export "poll") (param i32 i32) (result i32) (i32.const 7))
  (func (export "cancel") (param i32 i32) (result i32) (i32.const 0))
  (func (export "call") (param i32 i32 i32 i32) (param $out i32) (result i32)
    ;; A request leaves its mark, which the next one must not find.
    (if (i32.load (i32.const 0)) (then (return (i32.const 7))))
    (i32.store (i32.const 0) (i32.const 1))
    (i32.store (local.get $out) (i32.const 64))
    (i32.store offset=4 (local.get $out) (i32.const 43))
    (i32.store offset=8 (local.get $out) (i32.const 1))
    (i32.const 0)))

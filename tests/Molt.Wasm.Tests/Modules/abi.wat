;; What every test module has: a bump allocator, and results at a place of their own.
;; (include) Names: $heap, $answer.
(memory (export "memory") 1)
(global $heap (mut i32) (i32.const 8192))
(func $alloc (export "molt_alloc") (param $length i32) (result i32) (local $place i32)
  (local.set $place (global.get $heap))
  (global.set $heap (i32.and (i32.add (i32.add (global.get $heap) (local.get $length)) (i32.const 15)) (i32.const -16)))
  (local.get $place))
(func (export "molt_free") (param i32 i32))
(func $answer (param $out i32) (param $place i32) (param $length i32) (param $schema i32) (param $task i32)
  (i32.store (local.get $out) (local.get $place))
  (i32.store offset=4 (local.get $out) (local.get $length))
  (i32.store offset=8 (local.get $out) (local.get $schema))
  (i32.store offset=12 (local.get $out) (local.get $task)))

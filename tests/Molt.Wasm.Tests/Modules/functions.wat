;; Functions by number; the schemas are 0 uint32, 1 string, 2 uint32 (v2 with a wider range), 3 float64.
(module
  (import "molt" "molt_now_ms" (func $now (result f64)))
  (import "molt" "molt_random_bytes" (func $random (param i32 i32) (result i32)))
  (import "molt" "molt_call" (func $molt_call (param i32 i32 i32 i32 i32) (result i32)))
  (import "molt" "molt_poll" (func $molt_poll (param i32 i32) (result i32)))
  (import "molt" "molt_log" (func $log (param i32 i32 i32)))
  (import "molt" "molt_limit" (func $limit (param i32) (result i64)))
  ;;include abi
  (global $count (mut i64) (i64.const 7))
  (data (i32.const 64) "\05")
  (data (i32.const 128) "refused here")
  (func (export "init") (param $ptr i32) (param $len i32) (result i32)
    (i32.store8 (i32.const 65) (local.get $len))
    (global.set $count (i64.const 41))
    (i32.const 0))

  ;; Writes a uint32 below 2^32 as 0xce + big-endian, or as a fixint.
  (func $number (param $out i32) (param $value i32) (local $place i32)
    (local.set $place (call $alloc (i32.const 8)))
    (if (i32.lt_u (local.get $value) (i32.const 128))
      (then
        (i32.store8 (local.get $place) (local.get $value))
        (call $answer (local.get $out) (local.get $place) (i32.const 1) (i32.const 0) (i32.const 0)))
      (else
        (i32.store8 (local.get $place) (i32.const 0xce))
        (i32.store8 offset=1 (local.get $place) (i32.shr_u (local.get $value) (i32.const 24)))
        (i32.store8 offset=2 (local.get $place) (i32.shr_u (local.get $value) (i32.const 16)))
        (i32.store8 offset=3 (local.get $place) (i32.shr_u (local.get $value) (i32.const 8)))
        (i32.store8 offset=4 (local.get $place) (local.get $value))
        (call $answer (local.get $out) (local.get $place) (i32.const 5) (i32.const 0) (i32.const 0)))))

  (func $deep (param $n i32) (result i32)
    (i32.add (call $deep (i32.add (local.get $n) (i32.const 1))) (i32.const 1)))

  (func (export "call") (param $function i32) (param $schema i32) (param $ptr i32) (param $len i32) (param $out i32) (result i32)
    (local $place i32) (local $status i32)
    (block $unknown
    (block $f21 (block $f20
    (block $f19 (block $f18 (block $f17 (block $f16 (block $f15 (block $f14 (block $f13 (block $f12 (block $f11 (block $f10
    (block $f9 (block $f8 (block $f7 (block $f6 (block $f5 (block $f4 (block $f3 (block $f2 (block $f1 (block $f0
      (br_table $f0 $f1 $f2 $f3 $f4 $f5 $f6 $f7 $f8 $f9 $f10 $f11 $f12 $f13 $f14 $f15 $f16 $f17 $f18 $f19 $f20 $f21 $unknown (local.get $function)))
      ;; 0 echo: the payload itself
      (call $answer (local.get $out) (local.get $ptr) (local.get $len) (local.get $schema) (i32.const 0))
      (return (i32.const 0)))
      ;; 1 count: how often this instance was called, in memory and in a global
      (i32.store8 (i32.const 64) (i32.add (i32.load8_u (i32.const 64)) (i32.const 1)))
      (global.set $count (i64.add (global.get $count) (i64.const 1)))
      (call $number (local.get $out) (i32.add (i32.load8_u (i32.const 64)) (i32.wrap_i64 (global.get $count))))
      (return (i32.const 0)))
      ;; 2 trap
      (unreachable))
      ;; 3 the status of the payload's first byte
      (call $answer (local.get $out) (i32.const 128) (i32.const 12) (i32.const 0) (i32.const 0))
      (return (i32.load8_u (local.get $ptr))))
      ;; 4 grow by the payload's first byte
      (drop (memory.grow (i32.load8_u (local.get $ptr))))
      (call $number (local.get $out) (memory.size))
      (return (i32.const 0)))
      ;; 5 loop for ever
      (loop $again (br $again)))
      ;; 6 recurse for ever
      (return (call $deep (i32.const 0))))
      ;; 7 a result that begins inside and ends outside
      (call $answer (local.get $out) (i32.const 65535) (i32.const 2) (i32.const 0) (i32.const 0))
      (return (i32.const 0)))
      ;; 8 a result at the end of the address space
      (call $answer (local.get $out) (i32.const -1) (i32.const -1) (i32.const 0) (i32.const 0))
      (return (i32.const 0)))
      ;; 9 a result of another schema
      (call $answer (local.get $out) (local.get $ptr) (local.get $len) (i32.const 3) (i32.const 0))
      (return (i32.const 0)))
      ;; 10 a NaN that is not the one NaN, as float64
      (local.set $place (call $alloc (i32.const 16)))
      (i32.store8 (local.get $place) (i32.const 0xcb))
      (i64.store offset=1 align=1 (local.get $place) (i64.const 0x010000000000f87f))
      (call $answer (local.get $out) (local.get $place) (i32.const 9) (i32.const 3) (i32.const 0))
      (return (i32.const 0)))
      ;; 11 now
      (call $number (local.get $out) (i32.trunc_sat_f64_u (f64.div (call $now) (f64.const 1000))))
      (return (i32.const 0)))
      ;; 12 the status of random bytes
      (call $number (local.get $out) (call $random (i32.const 256) (i32.const 16)))
      (return (i32.const 0)))
      ;; 13 the status of random bytes far outside
      (call $number (local.get $out) (call $random (i32.const 65530) (i32.const 16)))
      (return (i32.const 0)))
      ;; 14 log
      (call $log (i32.const 1) (i32.const 128) (i32.const 12))
      (call $log (i32.const 1) (i32.const 65530) (i32.const 12))
      (call $number (local.get $out) (i32.const 0))
      (return (i32.const 0)))
      ;; 15 capability number of the payload's first byte, operation 0, with a string
      (i32.store (i32.const 512) (i32.const 0x6f6441a3))
      (local.set $status (call $molt_call (i32.load8_u (local.get $ptr)) (i32.const 0) (i32.const 512) (i32.const 4) (local.get $out)))
      (if (local.get $status) (then (return (local.get $status))))
      (if (i32.load offset=12 (local.get $out)) (then (return (i32.const 0))))
      (call $number (local.get $out) (i32.load8_u offset=1 (i32.load (local.get $out))))
      (return (i32.const 0)))
      ;; 16 status 0 and a pending task that never ends
      (call $answer (local.get $out) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 999))
      (return (i32.const 0)))
      ;; 17 how long the configuration of init was, and whether its global survived
      (call $number (local.get $out) (i32.add (i32.load8_u (i32.const 65)) (i32.wrap_i64 (global.get $count))))
      (return (i32.const 0)))
      ;; 18 writes the whole memory
      (memory.fill (i32.const 16384) (i32.const 0xa5) (i32.const 49152))
      (call $number (local.get $out) (i32.const 18))
      (return (i32.const 0)))
      ;; 19 sums the memory from 16384 on
      (call $number (local.get $out) (i32.add (i32.load (i32.const 16384)) (i32.load (i32.const 65532))))
      (return (i32.const 0)))
      ;; 20 the limit of operations
      (call $number (local.get $out) (i32.wrap_i64 (call $limit (i32.const 3))))
      (return (i32.const 0)))
      ;; 21 capability call whose place for results is outside
      (call $number (local.get $out) (call $molt_call (i32.const 0) (i32.const 0) (i32.const 512) (i32.const 4) (i32.const 65530)))
      (return (i32.const 0)))
    (i32.const 7))

  (func (export "poll") (param $task i32) (param $out i32) (result i32) (local $status i32)
    (if (i32.eq (local.get $task) (i32.const 999))
      (then
        (call $answer (local.get $out) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 999))
        (return (i32.const 0))))
    (local.set $status (call $molt_poll (local.get $task) (local.get $out)))
    (if (local.get $status) (then (return (local.get $status))))
    (if (i32.load offset=12 (local.get $out)) (then (return (i32.const 0))))
    (call $number (local.get $out) (i32.load8_u offset=1 (i32.load (local.get $out))))
    (i32.const 0))
  (func (export "cancel") (param i32 i32) (result i32) (i32.const 0)))

;; Uses capability 0 (acme.greeter: 0 greet) and 1 (acme.feed: 0 watch, 1 sum, 2 late, 3 silent, 4 held). Functions: 0 greets Ada, 1 watches and sums up the items,
;; 2 writes the item 5 as often as the payload says and answers with what comes back, 3 reads one item and leaves, 4 opens the stream, yields
;; as often as the payload says without asking it for anything, and then does what 1 does, 5 to 7 open late, silent and held, yield without
;; asking for anything, read when they are polled, and answer with how often they were.
;; The schemas are 0 uint32, 1 string.
(module
  (import "molt" "molt_call" (func $molt_call (param i32 i32 i32 i32 i32) (result i32)))
  (import "molt" "molt_poll" (func $molt_poll (param i32 i32) (result i32)))
  (import "molt" "molt_stream_open" (func $open (param i32 i32 i32 i32 i32) (result i32)))
  (import "molt" "molt_stream_read" (func $read (param i32 i32) (result i32)))
  (import "molt" "molt_stream_write" (func $write (param i32 i32 i32) (result i32)))
  (import "molt" "molt_stream_close" (func $close (param i32 i32) (result i32)))
  ;;include abi
  (global $stream (mut i32) (i32.const 0))
  (global $left (mut i32) (i32.const 0))
  (global $writing (mut i32) (i32.const 0))
  (global $sum (mut i32) (i32.const 0))
  (global $idle (mut i32) (i32.const 0))
  (global $polls (mut i32) (i32.const 0))
  (global $counting (mut i32) (i32.const 0))
  (data (i32.const 512) "\91\a3Ada")
  (data (i32.const 528) "\05")
  (func (export "init") (param i32 i32) (result i32) (i32.const 0))

  (func $number (param $out i32) (param $value i32)
    (i32.store8 (i32.const 544) (local.get $value))
    (call $answer (local.get $out) (i32.const 544) (i32.const 1) (i32.const 0) (i32.const 0)))

  ;; Takes what a read or a poll put in out: 1 when it was an item; else out has the task to poll, or now the answer.
  (func $take (param $out i32) (result i32)
    (if (i32.load offset=12 (local.get $out)) (then (return (i32.const 0))))
    (if (i32.eq (i32.load offset=8 (local.get $out)) (i32.const -1))
      (then
        (call $number (local.get $out) (global.get $sum))
        (return (i32.const 0))))
    (global.set $sum (i32.add (global.get $sum) (i32.load8_u (i32.load (local.get $out)))))
    (i32.const 1))

  (func $pull (param $out i32) (result i32) (local $status i32)
    (loop $next
      (local.set $status (call $read (global.get $stream) (local.get $out)))
      (if (local.get $status) (then (return (local.get $status))))
      (br_if $next (call $take (local.get $out))))
    (i32.const 0))

  (func $push (param $out i32) (result i32) (local $status i32)
    (loop $next
      (if (global.get $left)
        (then
          (global.set $left (i32.sub (global.get $left) (i32.const 1)))
          (local.set $status (call $write (global.get $stream) (i32.const 528) (i32.const 1)))
          (br_if $next (i32.eqz (local.get $status)))
          (if (i32.gt_s (local.get $status) (i32.const 0)) (then (return (local.get $status))))
          (call $answer (local.get $out) (i32.const 0) (i32.const 0) (i32.const 0) (i32.sub (i32.const 0) (local.get $status)))
          (return (i32.const 0)))))
    (global.set $writing (i32.const 0))
    (local.set $status (call $close (global.get $stream) (i32.const 0)))
    (if (local.get $status) (then (return (local.get $status))))
    (call $pull (local.get $out)))

  (func $operation (param $function i32) (result i32)
    (if (result i32) (i32.ge_u (local.get $function) (i32.const 5))
      (then (i32.sub (local.get $function) (i32.const 3)))
      (else (i32.eq (local.get $function) (i32.const 2)))))

  (func (export "call") (param $function i32) (param i32) (param $ptr i32) (param $len i32) (param $out i32) (result i32) (local $status i32)
    (if (i32.eqz (local.get $function))
      (then
        (local.set $status (call $molt_call (i32.const 0) (i32.const 0) (i32.const 512) (i32.const 5) (local.get $out)))
        (if (local.get $status) (then (return (local.get $status))))
        (call $answer (local.get $out) (i32.add (i32.load (local.get $out)) (i32.const 1)) (i32.sub (i32.load offset=4 (local.get $out)) (i32.const 1)) (i32.const 1) (i32.const 0))
        (return (i32.const 0))))
    (local.set $status (call $open (i32.const 1) (call $operation (local.get $function)) (local.get $ptr) (local.get $len) (local.get $out)))
    (if (local.get $status) (then (return (local.get $status))))
    (global.set $stream (i32.load offset=12 (local.get $out)))
    (if (i32.eq (local.get $function) (i32.const 2))
      (then
        (global.set $writing (i32.const 1))
        (global.set $left (i32.load8_u (local.get $ptr)))
        (return (call $push (local.get $out)))))
    (if (i32.eq (local.get $function) (i32.const 3))
      (then
        (local.set $status (call $read (global.get $stream) (local.get $out)))
        (if (local.get $status) (then (return (local.get $status))))
        (local.set $status (call $close (global.get $stream) (i32.const 3)))
        (if (local.get $status) (then (return (local.get $status))))
        ;; The status of closing it once more.
        (call $number (local.get $out) (call $close (global.get $stream) (i32.const 3)))
        (return (i32.const 0))))
    (if (i32.eq (local.get $function) (i32.const 4))
      (then
        (global.set $idle (i32.load8_u (local.get $ptr)))
        (call $answer (local.get $out) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 999))
        (return (i32.const 0))))
    (if (i32.ge_u (local.get $function) (i32.const 5))
      (then
        (global.set $counting (i32.const 1))
        (call $answer (local.get $out) (i32.const 0) (i32.const 0) (i32.const 0) (global.get $stream))
        (return (i32.const 0))))
    (call $pull (local.get $out)))

  (func (export "poll") (param $task i32) (param $out i32) (result i32) (local $status i32)
    (if (global.get $idle)
      (then
        (global.set $idle (i32.sub (global.get $idle) (i32.const 1)))
        (if (i32.eqz (global.get $idle)) (then (return (call $pull (local.get $out)))))
        (call $answer (local.get $out) (i32.const 0) (i32.const 0) (i32.const 0) (local.get $task))
        (return (i32.const 0))))
    (if (global.get $counting)
      (then
        (global.set $polls (i32.add (global.get $polls) (i32.const 1)))
        ;; Whatever it reads, and however it fails, is the end; a read that is pending is not.
        (if (i32.eqz (call $read (global.get $stream) (local.get $out)))
          (then (if (i32.load offset=12 (local.get $out)) (then (return (i32.const 0))))))
        (call $number (local.get $out) (global.get $polls))
        (return (i32.const 0))))
    (local.set $status (call $molt_poll (local.get $task) (local.get $out)))
    (if (local.get $status) (then (return (local.get $status))))
    (if (i32.load offset=12 (local.get $out)) (then (return (i32.const 0))))
    (if (global.get $writing) (then (return (call $push (local.get $out)))))
    (if (call $take (local.get $out)) (then (return (call $pull (local.get $out)))))
    (i32.const 0))
  (func (export "cancel") (param i32 i32) (result i32) (i32.const 0)))

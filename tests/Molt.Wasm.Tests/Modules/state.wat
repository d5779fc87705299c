;; Writes "kept" to /state/a and leaves the file open. Then, by the payload's first byte: 0 answers, 1 exits, 2 traps, 3 is pending for
;; ever, 4 answers status 1.
(module
  (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  ;;include abi
  (data (i32.const 64) "a")
  (data (i32.const 128) "kept")
  (data (i32.const 256) "\80\00\00\00\04\00\00\00")
  (func (export "init") (param i32 i32) (result i32) (i32.const 0))
  (func (export "call") (param i32 i32) (param $ptr i32) (param i32) (param $out i32) (result i32) (local $then i32)
    (local.set $then (i32.load8_u (local.get $ptr)))
    ;; 3 is /tmp and 4 /state, as there is no bundle; 9 makes the file and empties it.
    (if (call $path_open (i32.const 4) (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 9) (i64.const -1) (i64.const -1) (i32.const 0) (i32.const 512))
      (then (return (i32.const 2))))
    (if (call $fd_write (i32.load (i32.const 512)) (i32.const 256) (i32.const 1) (i32.const 516)) (then (return (i32.const 3))))
    (if (i32.eq (local.get $then) (i32.const 1)) (then (call $proc_exit (i32.const 3))))
    (if (i32.eq (local.get $then) (i32.const 2)) (then (unreachable)))
    (call $answer (local.get $out) (local.get $ptr) (i32.const 1) (i32.const 0) (select (i32.const 999) (i32.const 0) (i32.eq (local.get $then) (i32.const 3))))
    (i32.eq (local.get $then) (i32.const 4)))
  (func (export "poll") (param $task i32) (param $out i32) (result i32)
    (call $answer (local.get $out) (i32.const 0) (i32.const 0) (i32.const 0) (local.get $task))
    (i32.const 0))
  (func (export "cancel") (param i32 i32) (result i32) (i32.const 0)))

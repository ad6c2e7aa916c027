;; What Go's runtime imports of WASI preview 1, with nothing behind it: no arguments, no environment, a clock that
;; stands still, random numbers that repeat, and output that goes nowhere. `wasm-tools component new --adapt` puts it
;; into the component, so that nothing of WASI remains to be imported. Results are error numbers: 0 is success.
(module
  ;; That of Go.
  (import "env" "memory" (memory 0))

  (func $success (param i32 i32) (result i32) (i32.const 0))
  (export "args_get" (func $success))
  (export "environ_get" (func $success))

  ;; How many there are, and of how many bytes.
  (func $none (param $count i32) (param $bytes i32) (result i32)
    (i32.store (local.get $count) (i32.const 0))
    (i32.store (local.get $bytes) (i32.const 0))
    (i32.const 0))
  (export "args_sizes_get" (func $none))
  (export "environ_sizes_get" (func $none))

  ;; One second after the start of time: Go does not take 0 for a time.
  (func (export "clock_time_get") (param $clock i32) (param $precision i64) (param $time i32) (result i32)
    (i64.store (local.get $time) (i64.const 1_000_000_000))
    (i32.const 0))

  (func (export "random_get") (param $at i32) (param $left i32) (result i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (i32.store8 (local.get $at) (i32.mul (local.get $left) (i32.const 157)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $next)))
    (i32.const 0))

  ;; Bad file descriptor: no file is open, not even standard error.
  (func $closed1 (param i32) (result i32) (i32.const 8))
  (func $closed2 (param i32 i32) (result i32) (i32.const 8))
  (func $closed3 (param i32 i32 i32) (result i32) (i32.const 8))
  (func $closed4 (param i32 i32 i32 i32) (result i32) (i32.const 8))
  (export "fd_close" (func $closed1))
  (export "fd_fdstat_get" (func $closed2))
  (export "fd_fdstat_set_flags" (func $closed2))
  (export "fd_prestat_get" (func $closed2))
  (export "fd_prestat_dir_name" (func $closed3))
  (export "fd_read" (func $closed4))
  (export "fd_write" (func $closed4))

  ;; Not supported: nobody may wait.
  (func (export "poll_oneoff") (param i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "sched_yield") (result i32) (i32.const 0))

  ;; Where a panic ends: as a trap.
  (func (export "proc_exit") (param i32) unreachable)
)

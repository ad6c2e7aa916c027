;; Opens a socket.
(import "wasi:sockets/tcp-create-socket@0.2.6" "create-tcp-socket" (func $socket (param i32 i32)))
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call $socket (i32.const 0) (i32.const 32))
    (if (i32.eqz (i32.load8_u (i32.const 32))) (then (unreachable)))
    (call $scores (i32.const 2048) (call $candidates-len (local.get $candidates))))

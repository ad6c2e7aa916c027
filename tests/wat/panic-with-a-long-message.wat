;; Logs an error of 1 MiB, as a panic does, and crashes.
(memory $memory 32)
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (memory.fill (i32.const 65536) (i32.const 33) (i32.const 1048576))
    (call $log (i32.const 4) (i32.const 65536) (i32.const 1048576))
    (unreachable))

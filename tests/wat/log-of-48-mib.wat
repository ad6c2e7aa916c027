;; A log line of 48 MiB that it does have.
(memory $memory 1024)
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call $log (i32.const 2) (i32.const 65536) (i32.const 50331648))
    (unreachable))

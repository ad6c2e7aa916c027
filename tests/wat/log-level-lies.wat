;; A log line at a level that does not exist.
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call $log (i32.const 77) (i32.const 0) (i32.const 0))
    (unreachable))

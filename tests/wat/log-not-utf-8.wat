;; A log line that is not UTF-8.
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call $log (i32.const 2) (i32.const 3000) (i32.const 3))
    (unreachable))
(data (i32.const 3000) "\ed\a0\80")

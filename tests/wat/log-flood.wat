;; Logs 10,000 lines.
(global $lines (mut i32) (i32.const 10000))
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (loop $again
        (call $log (i32.const 2) (i32.const 3000) (i32.const 5))
        (global.set $lines (i32.sub (global.get $lines) (i32.const 1)))
        (br_if $again (global.get $lines)))
    (call $scores (i32.const 2048) (call $candidates-len (local.get $candidates))))
(data (i32.const 3000) "flood")

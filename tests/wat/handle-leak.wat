;; Opens tables and keeps them all.
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (loop $again
        (call $open (i32.const 32))
        (br $again))
    (unreachable))

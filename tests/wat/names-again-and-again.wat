;; Asks for the names of all candidates until its memory is full.
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (loop $again
        (call $candidates-names (local.get $candidates) (i32.const 32))
        (br $again))
    (unreachable))

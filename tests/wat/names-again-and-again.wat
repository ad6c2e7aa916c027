;; Asks for the names of all candidates until its memory is full.
;; Most of it is full already, or its time would be up first.
(memory $memory 1000)
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (global.set $free (i32.const 60000000))
    (loop $again
        (call $candidates-names (local.get $candidates) (i32.const 32))
        (br $again))
    (unreachable))

;; Asks for the names of all candidates without end, and puts them in the same place.
(memory $memory 1000)
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (local $free i32)
    (local.set $free (global.get $free))
    (loop $again
        (global.set $free (local.get $free))
        (call $candidates-names (local.get $candidates) (i32.const 32))
        (br $again))
    (unreachable))

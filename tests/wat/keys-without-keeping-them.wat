;; Asks for the keys of a table without end, and puts them in the same place.
(memory $memory 1000)
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (local $free i32)
    (local.set $free (global.get $free))
    (call $open (i32.const 32))
    (loop $again
        (global.set $free (local.get $free))
        (call $table-keys (i32.load (i32.const 36)) (i32.const 48))
        (br $again))
    (unreachable))

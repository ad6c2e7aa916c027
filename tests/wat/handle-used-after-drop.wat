;; Uses a table that it has dropped.
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call $open (i32.const 32))
    (call $table-drop (i32.load (i32.const 36)))
    (drop (call $table-len (i32.load (i32.const 36))))
    (unreachable))

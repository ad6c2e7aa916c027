;; Wants a larger table until there is none, and then crashes.
(table $table 1 funcref)
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (loop $again
        (br_if $again (i32.ne (table.grow $table (ref.null func) (i32.const 1000)) (i32.const -1))))
    (unreachable))

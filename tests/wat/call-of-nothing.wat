;; Calls an element of a table that is empty.
(table $table 1 funcref)
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call_indirect (result i32) (i32.const 0)))

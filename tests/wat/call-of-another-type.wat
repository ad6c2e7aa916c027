;; Calls a function by a type that it does not have.
(table $table funcref (elem $realloc))
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call_indirect (result i32) (i32.const 0)))

;; A refusal that clears a terminal and turns text around.
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call $refuse (i32.const 3000) (i32.const 21)))
(data (i32.const 3000) "\1b[2J\1b[31m\e2\80\aeno\c2\9b31m\0a")

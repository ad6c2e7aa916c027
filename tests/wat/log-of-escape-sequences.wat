;; Log lines that clear a terminal, turn text around and pretend to be other lines.
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (call $log (i32.const 2) (i32.const 3000) (i32.const 45))
    (call $scores (i32.const 2048) (call $candidates-len (local.get $candidates))))
(data (i32.const 3000) "\1b[2J\1b]0;title\07 \c2\9b31m \e2\80\ae evil \0d\0aERROR fake \00 end of it")

;; Looks for the candidates before it is given any.
(func $configure (param $settings i32) (param $length i32) (result i32)
    (drop (call $candidates-len (i32.const 1)))
    (unreachable))

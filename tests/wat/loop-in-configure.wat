;; An endless loop over its settings.
(func $configure (param $settings i32) (param $length i32) (result i32)
    (loop $again (br $again))
    (unreachable))

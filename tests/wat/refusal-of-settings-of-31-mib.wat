;; A refusal of its settings as long as a call may carry.
(memory $memory 1024)
(func $configure (param $settings i32) (param $length i32) (result i32)
    (call $refuse (i32.const 65536) (i32.const 32505856)))

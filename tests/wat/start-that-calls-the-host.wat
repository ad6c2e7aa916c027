;; Breaks a rule of the sandbox before anything is asked of it: a log line that lies about its length.
(component
    (import "scorelet:policy/logging@0.1.0" (instance $logging
        (type $levels (enum "trace" "debug" "info" "warn" "error"))
        (export "level" (type $level (eq $levels)))
        (export "log" (func (param "level" $level) (param "message" string)))))
    (core module $memory (memory (export "memory") 1))
    (core instance $memory (instantiate $memory))
    (core func $log (canon lower (func $logging "log") (memory (core memory $memory "memory"))))
    (core module $module
        (import "host" "log" (func $log (param i32 i32 i32)))
        (func $start (call $log (i32.const 2) (i32.const 0) (i32.const -1)))
        (start $start)
        (func (export "nothing")))
    (core instance $module (instantiate $module (with "host" (instance (export "log" (func $log))))))
    (func $nothing (canon lift (core func $module "nothing")))
    (instance $scorer (export "configure" (func $nothing)) (export "score" (func $nothing)))
    (export "scorelet:policy/scorer@0.1.0" (instance $scorer)))

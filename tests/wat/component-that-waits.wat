;; A component that would wait for an event that never comes.
(component
    (core module $memory (memory (export "memory") 1))
    (core instance $memory (instantiate $memory))
    (core func $new (canon waitable-set.new))
    (core func $wait (canon waitable-set.wait (memory (core memory $memory "memory"))))
    (core module $module
        (import "host" "new" (func $new (result i32)))
        (import "host" "wait" (func $wait (param i32 i32) (result i32)))
        (func (export "nothing") (drop (call $wait (call $new) (i32.const 0)))))
    (core instance $module (instantiate $module (with "host"
        (instance (export "new" (func $new)) (export "wait" (func $wait))))))
    (func $nothing (canon lift (core func $module "nothing")))
    (instance $scorer (export "configure" (func $nothing)) (export "score" (func $nothing)))
    (export "scorelet:policy/scorer@0.1.0" (instance $scorer)))

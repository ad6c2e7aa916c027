;; A scorer whose functions have the right names, and take and give nothing.
(component
    (core module $module (func (export "nothing")))
    (core instance $module (instantiate $module))
    (func $nothing (canon lift (core func $module "nothing")))
    (instance $scorer (export "configure" (func $nothing)) (export "score" (func $nothing)))
    (export "scorelet:policy/scorer@0.1.0" (instance $scorer)))

;; A component that has nothing to do with scoring.
(component
    (core module $module (func (export "greet") (result i32) (i32.const 1)))
    (core instance $module (instantiate $module))
    (func (export "greet") (result u32) (canon lift (core func $module "greet"))))

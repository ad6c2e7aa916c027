;; A component whose names clear a terminal.
(component
    (import "a:b/c" (instance))
    (core module (import "\1b[2J\1b[31m" "x" (func)))
    (core instance (instantiate 0)))

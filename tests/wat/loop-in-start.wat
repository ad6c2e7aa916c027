;; An endless loop before anything is asked of it.
(func $endless (loop $again (br $again)))
(start $endless)

;; Crashes before anything is asked of it.
(func $oops (unreachable))
(start $oops)

;; Throws an exception through the host, if the host knew what that is.
(tag $exception)
(func $score (param $pod i32) (param $candidates i32) (result i32)
    (throw $exception))

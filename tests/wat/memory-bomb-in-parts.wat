;; Wants two memories, each of which is allowed, and which together are not.
(memory $memory 640)
(memory $more 640)

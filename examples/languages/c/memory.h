// Memory that lasts until the end of a call.
#pragma once

#include <stddef.h>

// Never NULL: a policy without memory ends.
void *allocate(size_t size, size_t alignment);

// Frees everything at once.
void free_all(void);

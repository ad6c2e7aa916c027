// Memory that lasts until the end of a call: the next free byte, and no list of free ones. A call passes a few columns,
// and all of them are done with when it is over.
#include "memory.h"

#include <stdint.h>
#include <string.h>

#include "scorelet_policy.h"

// Where the linker put the end of what is in the file.
extern char __heap_base;

static uintptr_t next;

void *allocate(size_t size, size_t alignment) {
    const uint64_t page = 65536;
    const uint64_t mask = alignment - 1;
    // In 64 bits, where no size of 32 bits overflows.
    uint64_t start = ((next == 0 ? (uintptr_t)&__heap_base : next) + mask) & ~mask;
    uint64_t end = start + size;
    uint64_t has = __builtin_wasm_memory_size(0) * page;
    if (end > UINT32_MAX) {
        __builtin_trap();
    }
    if (end > has && __builtin_wasm_memory_grow(0, (end - has + page - 1) / page) == SIZE_MAX) {
        __builtin_trap();
    }
    next = end;
    return (void *)(uintptr_t)start;
}

void free_all(void) {
    next = 0;
}

void *cabi_realloc(void *old, size_t old_size, size_t alignment, size_t new_size) {
    if (new_size <= old_size) {
        return old;
    }
    void *new = allocate(new_size, alignment);
    if (old_size > 0) {
        memcpy(new, old, old_size);
    }
    return new;
}

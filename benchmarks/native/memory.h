/*
 * Memory that is there or ends the program: a benchmark has no use for half a measurement.
 */
#ifndef STOWAGE_MEMORY_H
#define STOWAGE_MEMORY_H

#include <stdio.h>
#include <stdlib.h>

/* Aligned to a cache line, so that a column starts where a vector load does. The size is rounded up to whole lines. */
static inline void *column(size_t count, size_t size) {
  const size_t line = 64;
  size_t bytes = (count * size + line - 1) / line * line;
  void *memory = aligned_alloc(line, bytes > 0 ? bytes : line);
  if (memory == NULL) {
    fprintf(stderr, "Out of memory.\n");
    exit(1);
  }
  return memory;
}

static inline void *grown(void *memory, size_t count, size_t size) {
  void *larger = realloc(memory, count * size);
  if (larger == NULL) {
    fprintf(stderr, "Out of memory.\n");
    exit(1);
  }
  return larger;
}

#endif

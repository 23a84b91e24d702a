/*
 * What the engine ran, as a file that `trace-file.ts` writes: little-endian, without padding. A header of int32
 * values, the load weights as doubles that hold integers, then int32 columns in the order of the fields here.
 */
#ifndef STOWAGE_TRACE_H
#define STOWAGE_TRACE_H

#include <stdint.h>

#define MAX_RESOURCES 4

/* What ranks the agents that fit: greatest load, least load, most tasks, or fewest free units of the first resource. */
enum fitness { PACKING, SPREADING, MOST_TASKS, FEWEST_FREE_CORES };

struct trace {
  int32_t agents, resources, types, classes, tasks;
  int32_t victims; /* a power of two */
  int32_t fitness;
  int64_t *weights; /* per type and resource */
  int32_t *totals;  /* per type and resource */
  int32_t *type_of; /* per agent */
  int32_t *demand;  /* per class and resource */
  int32_t *class_of, *row_of; /* per task that runs at the start */
  int32_t *victim;  /* task that leaves, per operation */
};

/* Ends the program when the file is not a trace. */
struct trace read_trace(const char *path);
void free_trace(struct trace *trace);

#endif

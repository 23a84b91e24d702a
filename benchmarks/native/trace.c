/*
 * Reads a trace. See `trace.h` for the format.
 */
#include "trace.h"
#include "memory.h"

enum { MAGIC = 0x53544f57, VERSION = 1, HEADER = 9 };

static void read_exactly(FILE *file, void *target, size_t size, size_t count) {
  if (fread(target, size, count, file) == count) return;
  fprintf(stderr, "The trace is too short.\n");
  exit(1);
}

static int32_t *read_column(FILE *file, size_t count) {
  int32_t *values = column(count, sizeof *values);
  read_exactly(file, values, sizeof *values, count);
  return values;
}

struct trace read_trace(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    exit(1);
  }
  int32_t header[HEADER];
  read_exactly(file, header, sizeof *header, HEADER);
  if (header[0] != MAGIC || header[1] != VERSION || header[3] < 1 || header[3] > MAX_RESOURCES) {
    fprintf(stderr, "%s is not a trace of version %d.\n", path, VERSION);
    exit(1);
  }
  struct trace trace = {
      .agents = header[2],
      .resources = header[3],
      .types = header[4],
      .classes = header[5],
      .tasks = header[6],
      .victims = header[7],
      .fitness = header[8],
  };
  size_t per_type = (size_t)trace.types * (size_t)trace.resources;
  trace.weights = column(per_type, sizeof *trace.weights);
  for (size_t i = 0; i < per_type; i++) {
    double weight;
    read_exactly(file, &weight, sizeof weight, 1);
    trace.weights[i] = (int64_t)weight;
  }
  trace.totals = read_column(file, per_type);
  trace.type_of = read_column(file, (size_t)trace.agents);
  trace.demand = read_column(file, (size_t)trace.classes * (size_t)trace.resources);
  trace.class_of = read_column(file, (size_t)trace.tasks);
  trace.row_of = read_column(file, (size_t)trace.tasks);
  trace.victim = read_column(file, (size_t)trace.victims);
  fclose(file);
  return trace;
}

void free_trace(struct trace *trace) {
  free(trace->weights);
  free(trace->totals);
  free(trace->type_of);
  free(trace->demand);
  free(trace->class_of);
  free(trace->row_of);
  free(trace->victim);
}

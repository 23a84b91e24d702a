/*
 * Brings a cluster into the state in which the trace begins.
 */
#include "cluster.h"
#include <string.h>
#include "memory.h"

struct cluster make_cluster(const struct trace *trace) {
  size_t agents = (size_t)trace->agents;
  size_t tasks = (size_t)trace->tasks;
  struct cluster cluster = {.trace = trace};
  for (int32_t r = 0; r < trace->resources; r++) {
    cluster.free[r] = column(agents, sizeof(int32_t));
    for (size_t row = 0; row < agents; row++)
      cluster.free[r][row] = trace->totals[trace->type_of[row] * trace->resources + r];
  }
  cluster.full_load = column((size_t)trace->types, sizeof(int64_t));
  for (int32_t type = 0; type < trace->types; type++) {
    cluster.full_load[type] = 0;
    for (int32_t r = 0; r < trace->resources; r++) {
      int32_t at = type * trace->resources + r;
      cluster.full_load[type] += trace->weights[at] * trace->totals[at];
    }
  }
  cluster.task_count = column(agents, sizeof(int32_t));
  memset(cluster.task_count, 0, agents * sizeof(int32_t));
  int32_t length = 1024;
  while (length < trace->agents) length *= 2;
  cluster.ring = column((size_t)length, sizeof(int32_t));
  cluster.ring_mask = length - 1;
  cluster.class_of = column(tasks, sizeof(int32_t));
  cluster.row_of = column(tasks, sizeof(int32_t));
  memcpy(cluster.class_of, trace->class_of, tasks * sizeof(int32_t));
  memcpy(cluster.row_of, trace->row_of, tasks * sizeof(int32_t));
  for (size_t task = 0; task < tasks; task++)
    change_agent(&cluster, cluster.row_of[task], cluster.class_of[task], -1);
  return cluster;
}

void free_cluster(struct cluster *cluster) {
  for (int32_t r = 0; r < cluster->trace->resources; r++) free(cluster->free[r]);
  free(cluster->full_load);
  free(cluster->task_count);
  free(cluster->ring);
  free(cluster->class_of);
  free(cluster->row_of);
}

/*
 * Agents and tasks as columns, and the journal of changed rows from which the structures bring themselves up to date:
 * what a release and a placement must write at least, as in the engine. The task table keeps class and agent of each
 * task; the task that comes takes the place of the one that left.
 */
#ifndef STOWAGE_CLUSTER_H
#define STOWAGE_CLUSTER_H

#include "trace.h"

struct cluster {
  const struct trace *trace;
  int32_t *free[MAX_RESOURCES];
  int32_t *task_count;
  int32_t *class_of, *row_of; /* per task; row -1 = it found no agent */
  int64_t *full_load;         /* load of a full agent, per type */
  int32_t *ring;
  int64_t version; /* changes ever recorded */
  int32_t ring_mask;
};

struct cluster make_cluster(const struct trace *trace);
void free_cluster(struct cluster *cluster);

static inline const int32_t *demand_of(const struct cluster *cluster, int32_t class) {
  return cluster->trace->demand + (int64_t)class * cluster->trace->resources;
}

/* Adds (sign 1) or takes (sign -1) what a class asks for, and notes that the row has changed. */
static inline void change_agent(struct cluster *cluster, int32_t row, int32_t class, int32_t sign) {
  const int32_t *demand = demand_of(cluster, class);
  for (int32_t r = 0; r < cluster->trace->resources; r++) cluster->free[r][row] += sign * demand[r];
  cluster->task_count[row] -= sign;
  cluster->ring[cluster->version++ & cluster->ring_mask] = row;
}

/* Changes since a version; -1 = so many, or so long ago, that all rows must be looked at. */
static inline int32_t changes_since(const struct cluster *cluster, int64_t version) {
  int64_t count = cluster->version - version;
  return version < 0 || count > cluster->trace->agents ? -1 : (int32_t)count;
}

static inline int32_t changed_row(const struct cluster *cluster, int64_t version) {
  return cluster->ring[version & cluster->ring_mask];
}

static inline int fits(const struct cluster *cluster, int32_t row, const int32_t *demand) {
  int32_t lack = 0;
  for (int32_t r = 0; r < cluster->trace->resources; r++) lack |= cluster->free[r][row] - demand[r];
  return lack >= 0;
}

/* What the fitness says about a row by itself; a class adds `class_score`. Greater is better. */
static inline int64_t row_score(const struct cluster *cluster, int32_t row) {
  const struct trace *trace = cluster->trace;
  if (trace->fitness == MOST_TASKS) return cluster->task_count[row];
  if (trace->fitness == FEWEST_FREE_CORES) return -cluster->free[0][row];
  int32_t type = trace->type_of[row];
  const int64_t *weights = trace->weights + (int64_t)type * trace->resources;
  int64_t load = cluster->full_load[type];
  for (int32_t r = 0; r < trace->resources; r++) load -= weights[r] * cluster->free[r][row];
  return trace->fitness == PACKING ? load : -load;
}

/* What a class adds to the scores of all rows of a type. */
static inline int64_t class_score(const struct cluster *cluster, const int32_t *demand, int32_t type) {
  const struct trace *trace = cluster->trace;
  if (trace->fitness == MOST_TASKS || trace->fitness == FEWEST_FREE_CORES) return 0;
  const int64_t *weights = trace->weights + (int64_t)type * trace->resources;
  int64_t added = 0;
  for (int32_t r = 0; r < trace->resources; r++) added += weights[r] * demand[r];
  return trace->fitness == PACKING ? added : -added;
}

#endif

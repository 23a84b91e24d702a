/*
 * Column scan: every agent is looked at in every decision, in one loop with a branch. The part of the score that depends
 * on the row alone is a column, kept up to date from the journal, so that an agent costs a comparison and an addition.
 */
#include "memory.h"
#include "structures.h"

#define NO_SCORE INT64_MIN
#define INLINE static inline __attribute__((always_inline))

struct scan {
  const struct cluster *cluster;
  int64_t *score;
  int64_t *class_scores; /* per type, of the class at hand */
  int64_t seen;
};

struct scan *make_scan(const struct cluster *cluster) {
  struct scan *scan = column(1, sizeof *scan);
  scan->cluster = cluster;
  scan->score = column((size_t)cluster->trace->agents, sizeof(int64_t));
  scan->class_scores = column((size_t)cluster->trace->types, sizeof(int64_t));
  scan->seen = -1;
  return scan;
}

void free_scan(struct scan *scan) {
  free(scan->score);
  free(scan->class_scores);
  free(scan);
}

static void prepare(struct scan *scan, const int32_t *demand) {
  const struct cluster *cluster = scan->cluster;
  int32_t count = changes_since(cluster, scan->seen);
  for (int32_t i = 0; i < (count < 0 ? cluster->trace->agents : count); i++) {
    int32_t row = count < 0 ? i : changed_row(cluster, scan->seen + i);
    scan->score[row] = row_score(cluster, row);
  }
  scan->seen = cluster->version;
  for (int32_t type = 0; type < cluster->trace->types; type++)
    scan->class_scores[type] = class_score(cluster, demand, type);
}

/* `resources` is a constant wherever this is called, so that the inner loop is unrolled. */
INLINE int32_t best_row(const struct scan *scan, const int32_t *demand, int resources) {
  const struct cluster *cluster = scan->cluster;
  const int32_t *type_of = cluster->trace->type_of;
  int64_t best = NO_SCORE;
  int32_t best_at = -1;
  for (int32_t row = 0; row < cluster->trace->agents; row++) {
    int32_t lack = 0;
    for (int r = 0; r < resources; r++) lack |= cluster->free[r][row] - demand[r];
    if (lack < 0) continue;
    int64_t score = scan->score[row] + scan->class_scores[type_of[row]];
    if (score > best) {
      best = score;
      best_at = row;
    }
  }
  return best_at;
}

int32_t scan_find(struct scan *scan, int32_t class) {
  const int32_t *demand = demand_of(scan->cluster, class);
  prepare(scan, demand);
  switch (scan->cluster->trace->resources) {
    case 2:
      return best_row(scan, demand, 2);
    case 4:
      return best_row(scan, demand, 4);
    default:
      return best_row(scan, demand, scan->cluster->trace->resources);
  }
}

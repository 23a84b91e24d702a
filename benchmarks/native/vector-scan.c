/*
 * Column scan for vector instructions, which the compiler makes of the loops here. Agents of a type stand side by side,
 * so that what a class adds to their scores is a constant, and an agent that does not fit is masked instead of branched
 * around. Only a block whose greatest score is the best so far is searched for the agent that has it. How fast a scan
 * can be; the engine has none like it.
 */
#include "memory.h"
#include "structures.h"

#define BLOCK 1024
#define NO_SCORE INT64_MIN
#define INLINE static inline __attribute__((always_inline))

struct vector_scan {
  const struct cluster *cluster;
  int32_t *free[MAX_RESOURCES]; /* by place, as the score */
  int64_t *score;
  int32_t *place_of; /* per row; rows of a type in order, one type after the other */
  int32_t *row_at;
  int32_t *starts; /* per type, and the end */
  int64_t seen;
};

struct vector_scan *make_vector_scan(const struct cluster *cluster) {
  const struct trace *trace = cluster->trace;
  size_t agents = (size_t)trace->agents;
  struct vector_scan *scan = column(1, sizeof *scan);
  scan->cluster = cluster;
  for (int32_t r = 0; r < trace->resources; r++) scan->free[r] = column(agents, sizeof(int32_t));
  scan->score = column(agents, sizeof(int64_t));
  scan->place_of = column(agents, sizeof(int32_t));
  scan->row_at = column(agents, sizeof(int32_t));
  scan->starts = column((size_t)trace->types + 1, sizeof(int32_t));
  scan->seen = -1;
  int32_t place = 0;
  for (int32_t type = 0; type < trace->types; type++) {
    scan->starts[type] = place;
    for (int32_t row = 0; row < trace->agents; row++) {
      if (trace->type_of[row] != type) continue;
      scan->row_at[place] = row;
      scan->place_of[row] = place++;
    }
  }
  scan->starts[trace->types] = place;
  return scan;
}

void free_vector_scan(struct vector_scan *scan) {
  for (int32_t r = 0; r < scan->cluster->trace->resources; r++) free(scan->free[r]);
  free(scan->score);
  free(scan->place_of);
  free(scan->row_at);
  free(scan->starts);
  free(scan);
}

static void synchronise(struct vector_scan *scan) {
  const struct cluster *cluster = scan->cluster;
  int32_t count = changes_since(cluster, scan->seen);
  for (int32_t i = 0; i < (count < 0 ? cluster->trace->agents : count); i++) {
    int32_t row = count < 0 ? i : changed_row(cluster, scan->seen + i);
    int32_t place = scan->place_of[row];
    for (int32_t r = 0; r < cluster->trace->resources; r++) scan->free[r][place] = cluster->free[r][row];
    scan->score[place] = row_score(cluster, row);
  }
  scan->seen = cluster->version;
}

/* Sign of what is lacking in any of two resources, as a mask of 64 bits. */
INLINE int64_t lack_of(int32_t left, int32_t right) { return (left | right) >> 31; }

/* `NO_SCORE` for an agent that lacks something, without a branch. */
INLINE int64_t masked(int64_t score, int64_t lack) { return (score & ~lack) | (NO_SCORE & lack); }

static int64_t greatest_of_2(const int32_t *restrict a, const int32_t *restrict b, const int64_t *restrict scores,
                             const int32_t *restrict demand, int32_t length) {
  const int32_t need_a = demand[0], need_b = demand[1];
  int64_t best = NO_SCORE;
  for (int32_t i = 0; i < length; i++) {
    int64_t score = masked(scores[i], lack_of(a[i] - need_a, b[i] - need_b));
    best = score > best ? score : best;
  }
  return best;
}

static int64_t greatest_of_4(const int32_t *restrict a, const int32_t *restrict b, const int32_t *restrict c,
                             const int32_t *restrict d, const int64_t *restrict scores,
                             const int32_t *restrict demand, int32_t length) {
  const int32_t need_a = demand[0], need_b = demand[1], need_c = demand[2], need_d = demand[3];
  int64_t best = NO_SCORE;
  for (int32_t i = 0; i < length; i++) {
    int64_t lack = lack_of((a[i] - need_a) | (b[i] - need_b), (c[i] - need_c) | (d[i] - need_d));
    int64_t score = masked(scores[i], lack);
    best = score > best ? score : best;
  }
  return best;
}

/* First place from `from` on that fits and has a score. */
static int32_t place_with(const struct vector_scan *scan, const int32_t *demand, int64_t score, int32_t from) {
  for (int32_t place = from;; place++) {
    if (scan->score[place] != score) continue;
    int32_t lack = 0;
    for (int32_t r = 0; r < scan->cluster->trace->resources; r++) lack |= scan->free[r][place] - demand[r];
    if (lack >= 0) return place;
  }
}

static int64_t greatest(const struct vector_scan *scan, const int32_t *demand, int32_t from, int32_t length) {
  int32_t *const *free = scan->free;
  const int64_t *scores = scan->score + from;
  if (scan->cluster->trace->resources == 2)
    return greatest_of_2(free[0] + from, free[1] + from, scores, demand, length);
  return greatest_of_4(free[0] + from, free[1] + from, free[2] + from, free[3] + from, scores, demand, length);
}

int32_t vector_scan_find(struct vector_scan *scan, int32_t class) {
  const struct cluster *cluster = scan->cluster;
  const int32_t *demand = demand_of(cluster, class);
  synchronise(scan);
  int64_t best = NO_SCORE;
  int32_t best_row = -1;
  for (int32_t type = 0; type < cluster->trace->types; type++) {
    int64_t added = class_score(cluster, demand, type);
    for (int32_t from = scan->starts[type]; from < scan->starts[type + 1]; from += BLOCK) {
      int32_t left = scan->starts[type + 1] - from;
      int64_t score = greatest(scan, demand, from, left < BLOCK ? left : BLOCK);
      if (score == NO_SCORE || score + added < best) continue;
      int32_t row = scan->row_at[place_with(scan, demand, score, from)];
      if (score + added == best && row > best_row) continue;
      best = score + added;
      best_row = row;
    }
  }
  return best_row;
}

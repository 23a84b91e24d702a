/*
 * Ordered index: agents of one type are in the same order of load for every class, so a forest with a tree per type
 * serves all classes. A decision takes the first agent that fits from each tree. Three bounds keep it short, all exact:
 * rows too full to take the class (start), rows behind the best known (stop), and children without an agent that has
 * enough of every resource at once (joint). As `ordered-index.ts`, `index-dimensions.ts` and `packages/core/assembly`.
 */
#include "memory.h"
#include "rank-forest.h"
#include "structures.h"

#define MOST_LEVELS 8
#define STEPS (1 << 20)
#define INLINE static inline __attribute__((always_inline))

/* What is looked for, and what was found so far. */
struct search {
  int32_t dimensions[MOST_DIMENSIONS], needs[MOST_DIMENSIONS];
  int32_t need_count;
  int32_t row; /* -1 = none */
  int64_t best, shift, start;
  int starts_in_first; /* where smaller loads rank first, the first leaf of the best type often has the answer */
};

struct ordered_index {
  const struct cluster *cluster;
  struct rank_forest forest;
  int32_t joint_count;
  int32_t joint_size[MAX_RESOURCES];
  int32_t joints[MAX_RESOURCES][MAX_RESOURCES];
  double *steps_per_unit; /* per type and resource */
  int64_t seen;
};

/* All resources together, and, of three or more, the first with each of the others. */
static void choose_joints(struct ordered_index *index, int32_t resources) {
  index->joint_count = 0;
  if (resources < 2) return;
  index->joint_size[index->joint_count] = resources;
  for (int32_t r = 0; r < resources; r++) index->joints[index->joint_count][r] = r;
  index->joint_count++;
  for (int32_t r = 1; resources > 2 && r < resources; r++) {
    index->joint_size[index->joint_count] = 2;
    index->joints[index->joint_count][0] = 0;
    index->joints[index->joint_count][1] = r;
    index->joint_count++;
  }
}

struct ordered_index *make_ordered_index(const struct cluster *cluster) {
  const struct trace *trace = cluster->trace;
  struct ordered_index *index = column(1, sizeof *index);
  index->cluster = cluster;
  choose_joints(index, trace->resources);
  index->forest = make_rank_forest(trace->types, trace->resources + index->joint_count, trace->agents);
  /* Full agents rank first there, which are of no use: nothing is kept of them. */
  if (trace->fitness == PACKING)
    for (int32_t type = 0; type < trace->types; type++) index->forest.top[type] = GREATEST_SCORE;
  int32_t cells = trace->types * trace->resources;
  index->steps_per_unit = column((size_t)cells, sizeof(double));
  for (int32_t i = 0; i < cells; i++)
    index->steps_per_unit[i] = trace->totals[i] > 0 ? (double)STEPS / trace->totals[i] : 0;
  index->seen = -1;
  return index;
}

void free_ordered_index(struct ordered_index *index) {
  free_rank_forest(&index->forest);
  free(index->steps_per_unit);
  free(index);
}

static void refresh(struct ordered_index *index, int32_t row) {
  const struct cluster *cluster = index->cluster;
  int32_t resources = cluster->trace->resources;
  int32_t type = cluster->trace->type_of[row];
  const double *steps_per_unit = index->steps_per_unit + type * resources;
  int32_t values[MOST_DIMENSIONS], steps[MAX_RESOURCES];
  for (int32_t r = 0; r < resources; r++) {
    values[r] = cluster->free[r][row];
    steps[r] = (int32_t)(values[r] * steps_per_unit[r]);
  }
  for (int32_t j = 0; j < index->joint_count; j++) {
    int32_t least = STEPS;
    for (int32_t i = 0; i < index->joint_size[j]; i++) {
      int32_t own = steps[index->joints[j][i]];
      least = own < least ? own : least;
    }
    values[resources + j] = least;
  }
  rank_forest_update(&index->forest, row, type, row_score(cluster, row), values);
}

static void synchronise(struct ordered_index *index) {
  const struct cluster *cluster = index->cluster;
  int32_t count = index->seen < 0 ? -1 : changes_since(cluster, index->seen);
  for (int32_t i = 0; i < (count < 0 ? cluster->trace->agents : count); i++)
    refresh(index, count < 0 ? i : changed_row(cluster, index->seen + i));
  index->seen = cluster->version;
}

static void require(struct search *search, int32_t dimension, int32_t need) {
  search->dimensions[search->need_count] = dimension;
  search->needs[search->need_count++] = need;
}

/* Sets the search up for the agents of one type: what the task adds to their scores, and how full they may be. */
static void aim(const struct ordered_index *index, struct search *search, const int32_t *demand, int32_t type) {
  const struct cluster *cluster = index->cluster;
  int32_t resources = cluster->trace->resources;
  search->need_count = 0;
  for (int32_t r = 0; r < resources; r++)
    if (demand[r] > 0) require(search, r, demand[r]);
  for (int32_t j = 0; j < index->joint_count; j++) {
    int32_t need = STEPS;
    for (int32_t i = 0; i < index->joint_size[j]; i++) {
      int32_t r = index->joints[j][i];
      int32_t own = (int32_t)(demand[r] * index->steps_per_unit[type * resources + r]);
      need = own < need ? own : need;
    }
    if (need > 0) require(search, resources + j, need);
  }
  search->shift = class_score(cluster, demand, type);
  int is_packing = cluster->trace->fitness == PACKING;
  search->start = is_packing ? cluster->full_load[type] - search->shift : GREATEST_SCORE;
}

/* First entry from `from` on that has every need. `need_count` is a constant wherever this is called. */
INLINE int32_t next_fitting(const int32_t *const *values, const int32_t *needs, int32_t from, int32_t end,
                            int need_count) {
  for (int32_t i = from; i < end; i++) {
    int32_t lack = 0;
    for (int n = 0; n < need_count; n++) lack |= values[n][i] - needs[n];
    if (lack >= 0) return i;
  }
  return end;
}

/* Looks for a better row in a leaf; the best one known is `*best_row`, of score `*best`. Returns whether there is one. */
INLINE int improve_in(const struct rank_forest *forest, const struct search *search, int32_t leaf, int64_t *best,
                      int32_t *best_row, int need_count) {
  const struct node *node = &forest->nodes[leaf];
  const int32_t *values[MOST_DIMENSIONS];
  for (int n = 0; n < need_count; n++) values[n] = values_of(forest, leaf, search->dimensions[n]);
  int found = 0;
  for (int32_t i = 0; (i = next_fitting(values, search->needs, i, node->count, need_count)) < node->count; i++) {
    int64_t score = node->score[i];
    if (score < *best || (score == *best && *best_row >= 0 && node->item[i] >= *best_row)) continue;
    *best = score;
    *best_row = node->item[i];
    found = 1;
  }
  return found;
}

/* As `improve_in` for the first leaf of a group, of which rows with the greatest score of all are enough. */
INLINE int improve_in_first(const struct rank_forest *forest, const struct search *search, int32_t group, int64_t *best,
                            int32_t *best_row, int need_count) {
  int32_t leaf = forest->first_leaf[group];
  const struct node *node = &forest->nodes[leaf];
  if (node->parent >= 0) {
    int32_t lack = 0;
    for (int n = 0; n < need_count; n++)
      lack |= values_of(forest, node->parent, search->dimensions[n])[node->place] - search->needs[n];
    if (lack < 0) return 0;
  }
  const int64_t top = forest->top[group];
  int32_t leading = -1;
  for (int32_t i = 0; i < node->count; i++) {
    if (node->score[i] != top) continue;
    int32_t lack = 0;
    for (int n = 0; n < need_count; n++)
      lack |= values_of(forest, leaf, search->dimensions[n])[i] - search->needs[n];
    if (lack >= 0 && (leading < 0 || node->item[i] < leading)) leading = node->item[i];
  }
  if (leading < 0) return improve_in(forest, search, leaf, best, best_row, need_count);
  if (top < *best || (top == *best && *best_row >= 0 && leading >= *best_row)) return 0;
  *best = top;
  *best_row = leading;
  return 1;
}

/* Looks for a better row in the tree of a group. */
INLINE void improve_by(const struct rank_forest *forest, struct search *search, int32_t group, int need_count) {
  int32_t nodes[MOST_LEVELS], entries[MOST_LEVELS];
  int64_t best = search->best - search->shift;
  int32_t best_row = search->row, depth = 0, seen = -1;
  int found = 0;
  if (search->starts_in_first) {
    if (forest->top[group] < best) return;
    seen = forest->first_leaf[group];
    found = improve_in_first(forest, search, group, &best, &best_row, need_count);
    const struct node *first = &forest->nodes[seen];
    if (first->parent < 0 || first->high_score < best ||
        (first->high_score == best && best_row >= 0 && first->high_row >= best_row))
      depth = -1;
  }
  nodes[0] = forest->roots[group];
  entries[0] = 0;
  while (depth >= 0 && !found) {
    const struct node *node = &forest->nodes[nodes[depth]];
    if (node->level == 0) {
      if (nodes[depth] != seen) found = improve_in(forest, search, nodes[depth], &best, &best_row, need_count);
      depth--;
      continue;
    }
    const int32_t *values[MOST_DIMENSIONS];
    for (int n = 0; n < need_count; n++) values[n] = values_of(forest, nodes[depth], search->dimensions[n]);
    int32_t end = node->count;
    int32_t i = next_fitting(values, search->needs, entries[depth], end, need_count);
    if (i == end) {
      depth--;
      continue;
    }
    int64_t first = node->score[i];
    if (first < best || (first == best && best_row >= 0 && node->row[i] >= best_row)) break;
    entries[depth] = i + 1;
    if (i + 1 < end && node->score[i + 1] > search->start) continue;
    nodes[++depth] = node->item[i];
    entries[depth] = 0;
  }
  if (!found) return;
  search->row = best_row;
  search->best = best + search->shift;
}

static void improve(const struct rank_forest *forest, struct search *search, int32_t group) {
  switch (search->need_count) {
    case 2:
      return improve_by(forest, search, group, 2);
    case 3:
      return improve_by(forest, search, group, 3);
    case 7:
      return improve_by(forest, search, group, 7);
    case 8:
      return improve_by(forest, search, group, 8);
    default:
      return improve_by(forest, search, group, search->need_count);
  }
}

/* The type with the best row, if the task fits there. */
static int32_t leader_for(const struct ordered_index *index, const int32_t *demand) {
  int32_t leader = 0;
  int64_t best = 2 * LEAST_SCORE;
  for (int32_t type = 0; type < index->cluster->trace->types; type++) {
    int64_t score = index->forest.top[type] + class_score(index->cluster, demand, type);
    if (score <= best) continue;
    best = score;
    leader = type;
  }
  return leader;
}

int32_t ordered_index_find(struct ordered_index *index, int32_t class) {
  const int32_t *demand = demand_of(index->cluster, class);
  synchronise(index);
  struct search search = {.row = -1, .best = LEAST_SCORE, .starts_in_first = index->cluster->trace->fitness != PACKING};
  const int32_t leader = search.starts_in_first ? leader_for(index, demand) : 0;
  for (int32_t i = -1; i < index->cluster->trace->types; i++) {
    int32_t type = i < 0 ? leader : i;
    if (i == leader || index->forest.roots[type] < 0) continue;
    aim(index, &search, demand, type);
    improve(&index->forest, &search, type);
  }
  return search.row;
}

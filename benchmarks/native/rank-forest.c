/*
 * Upkeep of the forest: rewriting in place, splitting full nodes, joining small ones, and lifting the greatest values to
 * the parents for as long as they change.
 */
#include "rank-forest.h"
#include <string.h>
#include "memory.h"

#define NOTHING (-1)
/* Joined nodes hold at most this many entries, so that they do not split at once. */
#define JOINED_MOST (FAN_OUT * 3 / 4)
/* Nodes with fewer entries look for a neighbour to join. */
#define FEW (FAN_OUT / 4)

struct rank_forest make_rank_forest(int32_t groups, int32_t dimensions, int32_t rows) {
  struct rank_forest forest = {
      .groups = groups,
      .dimensions = dimensions,
      .capacity = 16 + (rows + FAN_OUT / 2 - 1) / (FAN_OUT / 2),
      .free_head = -1,
  };
  forest.nodes = grown(NULL, (size_t)forest.capacity, sizeof *forest.nodes);
  forest.values = grown(NULL, (size_t)forest.capacity * (size_t)dimensions * FAN_OUT, sizeof(int32_t));
  forest.roots = column((size_t)groups, sizeof(int32_t));
  forest.first_leaf = column((size_t)groups, sizeof(int32_t));
  forest.top = column((size_t)groups, sizeof(int64_t));
  forest.group_of = column((size_t)rows, sizeof(int32_t));
  forest.leaf_of = column((size_t)rows, sizeof(int32_t));
  forest.place_of = column((size_t)rows, sizeof(int32_t));
  for (int32_t group = 0; group < groups; group++) {
    forest.roots[group] = -1;
    forest.top[group] = LEAST_SCORE;
  }
  for (int32_t row = 0; row < rows; row++) forest.group_of[row] = -1;
  return forest;
}

void free_rank_forest(struct rank_forest *forest) {
  free(forest->nodes);
  free(forest->values);
  free(forest->roots);
  free(forest->first_leaf);
  free(forest->top);
  free(forest->group_of);
  free(forest->leaf_of);
  free(forest->place_of);
}

static int32_t allocate(struct rank_forest *forest, int32_t level) {
  int32_t node = forest->free_head;
  if (node >= 0) {
    forest->free_head = forest->nodes[node].parent;
  } else {
    if (forest->used == forest->capacity) {
      forest->capacity *= 2;
      size_t capacity = (size_t)forest->capacity;
      forest->nodes = grown(forest->nodes, capacity, sizeof *forest->nodes);
      forest->values = grown(forest->values, capacity * (size_t)forest->dimensions * FAN_OUT, sizeof(int32_t));
    }
    node = forest->used++;
  }
  forest->nodes[node].count = 0;
  forest->nodes[node].level = level;
  forest->nodes[node].parent = -1;
  forest->nodes[node].place = 0;
  return node;
}

static void release(struct rank_forest *forest, int32_t node) {
  forest->nodes[node].parent = forest->free_head;
  forest->free_head = node;
}

/* Greatest value of a dimension among the entries of a node. */
static int32_t greatest(const struct rank_forest *forest, int32_t node, int32_t dimension) {
  const int32_t *values = values_of(forest, node, dimension);
  int32_t count = forest->nodes[node].count;
  int32_t most = NOTHING;
  for (int32_t i = 0; i < count; i++) most = values[i] > most ? values[i] : most;
  return most;
}

/* Notes that an entry of a node has a greater value than before, or is new. */
static void raise_above(struct rank_forest *forest, int32_t node, int32_t dimension, int32_t value) {
  for (int32_t up = forest->nodes[node].parent; up >= 0; up = forest->nodes[node].parent) {
    int32_t *known = values_of(forest, up, dimension) + forest->nodes[node].place;
    if (*known >= value) return;
    *known = value;
    node = up;
  }
}

/* Notes that an entry of a node, which had this value, has a smaller one or is gone. */
static void lower_above(struct rank_forest *forest, int32_t node, int32_t dimension, int32_t before) {
  for (int32_t up = forest->nodes[node].parent; up >= 0; up = forest->nodes[node].parent) {
    int32_t *known = values_of(forest, up, dimension) + forest->nodes[node].place;
    if (*known != before) return;
    int32_t most = greatest(forest, node, dimension);
    if (most == before) return;
    *known = most;
    node = up;
  }
}

/* Makes the entry that stands for a node in its parent right in all dimensions. */
static void summarise(struct rank_forest *forest, int32_t node) {
  int32_t up = forest->nodes[node].parent;
  if (up < 0) return;
  for (int32_t d = 0; d < forest->dimensions; d++) {
    int32_t *known = values_of(forest, up, d) + forest->nodes[node].place;
    int32_t before = *known;
    int32_t after = greatest(forest, node, d);
    *known = after;
    if (after > before) raise_above(forest, up, d, after);
    else if (after < before) lower_above(forest, up, d, before);
  }
}

static void copy_entry(struct rank_forest *forest, int32_t from, int32_t i, int32_t to, int32_t j) {
  struct node *source = &forest->nodes[from];
  struct node *target = &forest->nodes[to];
  target->item[j] = source->item[i];
  target->score[j] = source->score[i];
  target->row[j] = source->row[i];
  for (int32_t d = 0; d < forest->dimensions; d++) values_of(forest, to, d)[j] = values_of(forest, from, d)[i];
}

static void move_child(struct rank_forest *forest, int32_t from, int32_t i, int32_t to, int32_t j) {
  copy_entry(forest, from, i, to, j);
  struct node *child = &forest->nodes[forest->nodes[to].item[j]];
  child->parent = to;
  child->place = j;
}

static void move_row(struct rank_forest *forest, int32_t from, int32_t i, int32_t to, int32_t j) {
  copy_entry(forest, from, i, to, j);
  int32_t row = forest->nodes[to].item[j];
  forest->leaf_of[row] = to;
  forest->place_of[row] = j;
}

/* Writes the entry for a child with its values; the caller makes place for it. */
static void set_child(struct rank_forest *forest, int32_t parent, int32_t i, int32_t child) {
  struct node *node = &forest->nodes[parent];
  struct node *below = &forest->nodes[child];
  node->item[i] = child;
  node->score[i] = below->level == 0 ? below->low_score : below->score[0];
  node->row[i] = below->level == 0 ? below->low_row : below->row[0];
  below->parent = parent;
  below->place = i;
  for (int32_t d = 0; d < forest->dimensions; d++) values_of(forest, parent, d)[i] = greatest(forest, child, d);
}

static void add_child(struct rank_forest *forest, int32_t left, int32_t right, int32_t group);

static void split_inner(struct rank_forest *forest, int32_t node, int32_t group) {
  int32_t right = allocate(forest, forest->nodes[node].level);
  for (int32_t i = FAN_OUT / 2; i < FAN_OUT; i++)
    move_child(forest, node, i, right, forest->nodes[right].count++);
  forest->nodes[node].count = FAN_OUT / 2;
  add_child(forest, node, right, group);
}

/* Enters a new node right behind its left neighbour, from which its entries come. */
static void add_child(struct rank_forest *forest, int32_t left, int32_t right, int32_t group) {
  if (forest->nodes[left].parent < 0) {
    int32_t root = allocate(forest, forest->nodes[left].level + 1);
    forest->roots[group] = root;
    set_child(forest, root, forest->nodes[root].count++, left);
  } else if (forest->nodes[forest->nodes[left].parent].count == FAN_OUT) {
    split_inner(forest, forest->nodes[left].parent, group);
  }
  int32_t parent = forest->nodes[left].parent;
  int32_t at = forest->nodes[left].place + 1;
  for (int32_t i = forest->nodes[parent].count; i > at; i--) move_child(forest, parent, i - 1, parent, i);
  forest->nodes[parent].count++;
  set_child(forest, parent, at, right);
  summarise(forest, left);
  summarise(forest, parent);
}

static int is_before(int64_t score, int32_t row, int64_t other_score, int32_t other_row) {
  return score > other_score || (score == other_score && row < other_row);
}

/* Entry numbers of a full leaf by rank: insertion sort, since they are few and often nearly in order. */
static void sort_entries(const struct node *leaf, int32_t *order) {
  for (int32_t i = 0; i < FAN_OUT; i++) {
    int32_t at = i;
    for (; at > 0; at--) {
      int32_t other = order[at - 1];
      if (is_before(leaf->score[other], leaf->row[other], leaf->score[i], leaf->row[i])) break;
      order[at] = other;
    }
    order[at] = i;
  }
}

/* Moves the later half of a full leaf to a new one. */
static void split_leaf(struct rank_forest *forest, int32_t leaf, int32_t group) {
  int32_t right = allocate(forest, 0);
  struct node *nodes = forest->nodes;
  int32_t order[FAN_OUT];
  sort_entries(&nodes[leaf], order);
  for (int32_t i = FAN_OUT / 2; i < FAN_OUT; i++) {
    move_row(forest, leaf, order[i], right, nodes[right].count++);
    nodes[leaf].item[order[i]] = -1;
  }
  int32_t kept = 0;
  for (int32_t i = 0; i < FAN_OUT; i++) {
    if (nodes[leaf].item[i] < 0) continue;
    if (i != kept) move_row(forest, leaf, i, leaf, kept);
    kept++;
  }
  nodes[leaf].count = kept;
  nodes[right].high_score = nodes[leaf].high_score;
  nodes[right].high_row = nodes[leaf].high_row;
  nodes[leaf].high_score = nodes[right].low_score = nodes[right].score[0];
  nodes[leaf].high_row = nodes[right].low_row = nodes[right].row[0];
  add_child(forest, leaf, right, group);
}

/* Makes the only child of a root the root. */
static void lower_root(struct rank_forest *forest, int32_t root) {
  int32_t child = forest->nodes[root].item[0];
  for (int32_t group = 0; group < forest->groups; group++)
    if (forest->roots[group] == root) forest->roots[group] = child;
  forest->nodes[child].parent = -1;
  release(forest, root);
  if (forest->nodes[child].level > 0 && forest->nodes[child].count == 1) lower_root(forest, child);
}

/* Joins a small node with a neighbour if both fit into one; an empty one always, if there is a neighbour with room. */
static void join(struct rank_forest *forest, int32_t node) {
  struct node *nodes = forest->nodes;
  int32_t parent = nodes[node].parent;
  if (parent < 0 || nodes[parent].count < 2) return;
  int32_t place = nodes[node].place;
  int has_next = place + 1 < nodes[parent].count;
  int32_t left = has_next ? node : nodes[parent].item[place - 1];
  int32_t right = has_next ? nodes[parent].item[place + 1] : node;
  if (nodes[left].count + nodes[right].count > JOINED_MOST && nodes[node].count > 0) return;
  for (int32_t i = 0; i < nodes[right].count; i++) {
    if (nodes[node].level == 0) move_row(forest, right, i, left, nodes[left].count++);
    else move_child(forest, right, i, left, nodes[left].count++);
  }
  nodes[left].high_score = nodes[right].high_score;
  nodes[left].high_row = nodes[right].high_row;
  int32_t last = --nodes[parent].count;
  for (int32_t i = nodes[right].place; i < last; i++) move_child(forest, parent, i + 1, parent, i);
  summarise(forest, parent);
  release(forest, right);
  summarise(forest, left);
  if (nodes[parent].parent < 0 && nodes[parent].count == 1) lower_root(forest, parent);
  else if (nodes[parent].count < FEW) join(forest, parent);
}

/* The leaf of a tree to which a rank belongs. */
static int32_t leaf_for(const struct rank_forest *forest, int32_t node, int64_t score, int32_t row) {
  while (forest->nodes[node].level > 0) {
    const struct node *inner = &forest->nodes[node];
    /* One mispredicted branch; halving an interval would cost one per step. */
    int32_t i = 1;
    while (i < inner->count && score < inner->score[i]) i++;
    while (i < inner->count && score == inner->score[i] && row >= inner->row[i]) i++;
    node = inner->item[i - 1];
  }
  return node;
}

static int32_t new_tree(struct rank_forest *forest) {
  int32_t root = allocate(forest, 0);
  forest->nodes[root].low_score = GREATEST_SCORE;
  forest->nodes[root].low_row = -1;
  forest->nodes[root].high_score = LEAST_SCORE;
  forest->nodes[root].high_row = -1;
  return root;
}

static void put_in(struct rank_forest *forest, int32_t row, int32_t group, int64_t score, const int32_t *values) {
  if (forest->roots[group] < 0) forest->roots[group] = forest->first_leaf[group] = new_tree(forest);
  int32_t leaf = leaf_for(forest, forest->roots[group], score, row);
  if (forest->nodes[leaf].count == FAN_OUT) {
    split_leaf(forest, leaf, group);
    leaf = leaf_for(forest, forest->roots[group], score, row);
  }
  struct node *node = &forest->nodes[leaf];
  int32_t i = node->count++;
  node->item[i] = row;
  node->row[i] = row;
  node->score[i] = score;
  forest->leaf_of[row] = leaf;
  forest->place_of[row] = i;
  for (int32_t d = 0; d < forest->dimensions; d++) {
    values_of(forest, leaf, d)[i] = values[d];
    raise_above(forest, leaf, d, values[d]);
  }
}

static void take_out(struct rank_forest *forest, int32_t row) {
  int32_t leaf = forest->leaf_of[row];
  struct node *node = &forest->nodes[leaf];
  int32_t i = forest->place_of[row];
  int32_t last = --node->count;
  for (int32_t d = 0; d < forest->dimensions; d++) {
    int32_t *values = values_of(forest, leaf, d);
    int32_t before = values[i];
    values[i] = values[last];
    lower_above(forest, leaf, d, before);
  }
  if (i != last) {
    int32_t moved = node->item[last];
    node->item[i] = moved;
    node->row[i] = moved;
    node->score[i] = node->score[last];
    forest->place_of[moved] = i;
  }
  if (last < FEW) join(forest, leaf);
}

static void rewrite(struct rank_forest *forest, int32_t leaf, int32_t i, int64_t score, const int32_t *values) {
  forest->nodes[leaf].score[i] = score;
  for (int32_t d = 0; d < forest->dimensions; d++) {
    int32_t *value = values_of(forest, leaf, d) + i;
    int32_t before = *value;
    if (before == values[d]) continue;
    *value = values[d];
    if (values[d] > before) raise_above(forest, leaf, d, values[d]);
    else lower_above(forest, leaf, d, before);
  }
}

/* Brings the greatest score of a group up to date, in which a row has another score than before; LEAST_SCORE: was not in. */
static void note_score(struct rank_forest *forest, int32_t group, int64_t before, int64_t after) {
  int64_t *top = &forest->top[group];
  if (after > *top) {
    *top = after;
  } else if (before == *top && after < before) {
    const struct node *first = &forest->nodes[forest->first_leaf[group]];
    *top = first->count > 0 ? first->score[0] : first->high_score;
    for (int32_t i = 1; i < first->count; i++) *top = first->score[i] > *top ? first->score[i] : *top;
  }
}

void rank_forest_update(struct rank_forest *forest, int32_t row, int32_t group, int64_t score, const int32_t *values) {
  int64_t before = LEAST_SCORE;
  if (forest->group_of[row] == group) {
    int32_t leaf = forest->leaf_of[row];
    const struct node *node = &forest->nodes[leaf];
    before = node->score[forest->place_of[row]];
    if (!is_before(score, row, node->low_score, node->low_row) &&
        is_before(score, row, node->high_score, node->high_row)) {
      rewrite(forest, leaf, forest->place_of[row], score, values);
      note_score(forest, group, before, score);
      return;
    }
    take_out(forest, row);
  }
  forest->group_of[row] = group;
  put_in(forest, row, group, score, values);
  note_score(forest, group, before, score);
}

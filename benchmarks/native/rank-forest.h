/*
 * Agents ranked by (score descending, row ascending), one B+ tree per group, with the greatest value of every dimension
 * below each child. As `packages/core/assembly`: leaves cover ranges of ranks and are not sorted inside, so
 * that an agent whose rank moves a little is written where it stands.
 */
#ifndef STOWAGE_RANK_FOREST_H
#define STOWAGE_RANK_FOREST_H

#include <stdint.h>

#define FAN_OUT 32
#define MOST_DIMENSIONS 8
/* Scores have 53 bits; these leave room to add to them. */
#define LEAST_SCORE (-((int64_t)1 << 60))
#define GREATEST_SCORE ((int64_t)1 << 60)

struct node {
  int32_t count, level, parent, place;
  /* Range of a leaf: from (low_score, low_row) on, (high_score, high_row) excluded. */
  int64_t low_score, high_score;
  int32_t low_row, high_row;
  /* Rank per entry: that of the row, or the first rank that belongs to the child. */
  int64_t score[FAN_OUT];
  int32_t row[FAN_OUT];
  int32_t item[FAN_OUT]; /* agent row, or child */
};

struct rank_forest {
  int32_t groups, dimensions, used, capacity;
  int32_t free_head; /* nodes to use again, linked by their parents */
  struct node *nodes;
  int32_t *values; /* value d of entry i of a node: [(node * dimensions + d) * FAN_OUT + i] */
  int32_t *roots;    /* per group, -1 without agents */
  int32_t *first_leaf; /* per group; it stays the first of the tree for as long as there is one */
  int64_t *top;      /* per group: the greatest score, or a bound of it since the first leaf was empty */
  int32_t *group_of; /* per row, -1 where the row is not in */
  int32_t *leaf_of, *place_of;
};

struct rank_forest make_rank_forest(int32_t groups, int32_t dimensions, int32_t rows);
void free_rank_forest(struct rank_forest *forest);
/* Gives a row a rank and values, in a group that stays the same. */
void rank_forest_update(struct rank_forest *forest, int32_t row, int32_t group, int64_t score, const int32_t *values);

static inline int32_t *values_of(const struct rank_forest *forest, int32_t node, int32_t dimension) {
  return forest->values + ((int64_t)node * forest->dimensions + dimension) * FAN_OUT;
}

#endif

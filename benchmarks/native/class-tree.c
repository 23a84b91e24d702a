/*
 * Class tree: per class a tournament over the scores of all rows, each level the greatest of 16 scores below, brought
 * up to date from the journal when the class is asked for. A change costs nothing further up as soon as it does not
 * change the greatest score of its block; a decision is one descent. As `class-tree.ts` and `tournament-layout.ts`.
 */
#include "memory.h"
#include "structures.h"

#define BLOCK_BITS 4
#define BLOCK (1 << BLOCK_BITS)
#define MOST_LEVELS 8
#define INFEASIBLE INT64_MIN

struct class_tree {
  int64_t *scores; /* NULL until the class is asked for */
  int64_t seen;
};

struct class_trees {
  const struct cluster *cluster;
  struct class_tree *trees;
  int32_t height; /* levels above that of the rows */
  int32_t starts[MOST_LEVELS + 1];
};

struct class_trees *make_class_trees(const struct cluster *cluster) {
  struct class_trees *trees = column(1, sizeof *trees);
  trees->cluster = cluster;
  trees->trees = column((size_t)cluster->trace->classes, sizeof *trees->trees);
  for (int32_t class = 0; class < cluster->trace->classes; class++)
    trees->trees[class] = (struct class_tree){.scores = NULL, .seen = -1};
  trees->height = 0;
  trees->starts[0] = 0;
  for (int32_t length = cluster->trace->agents;; length = (length + BLOCK - 1) >> BLOCK_BITS) {
    trees->starts[trees->height + 1] = trees->starts[trees->height] + length;
    if (length <= 1) break;
    trees->height++;
  }
  return trees;
}

void free_class_trees(struct class_trees *trees) {
  for (int32_t class = 0; class < trees->cluster->trace->classes; class++) free(trees->trees[class].scores);
  free(trees->trees);
  free(trees);
}

/* Writes the score of a row and what follows from it further up. */
static void enter(const struct class_trees *trees, int64_t *scores, int32_t row, int64_t score) {
  int32_t place = row;
  int64_t before = scores[row];
  scores[row] = score;
  for (int32_t level = 1; level <= trees->height && score != before; level++) {
    place >>= BLOCK_BITS;
    int32_t at = trees->starts[level] + place;
    int64_t known = scores[at];
    if (score < known) {
      if (before < known) return;
      int32_t child = trees->starts[level - 1] + (place << BLOCK_BITS);
      int32_t end = child + BLOCK < trees->starts[level] ? child + BLOCK : trees->starts[level];
      for (; child < end; child++) score = scores[child] > score ? scores[child] : score;
    }
    before = known;
    scores[at] = score;
  }
}

static void synchronise(const struct class_trees *trees, struct class_tree *tree, const int32_t *demand) {
  const struct cluster *cluster = trees->cluster;
  int32_t count = changes_since(cluster, tree->seen);
  if (count < 0) {
    size_t size = (size_t)trees->starts[trees->height + 1];
    if (tree->scores == NULL) tree->scores = column(size, sizeof *tree->scores);
    for (size_t at = 0; at < size; at++) tree->scores[at] = INFEASIBLE;
  }
  for (int32_t i = 0; i < (count < 0 ? cluster->trace->agents : count); i++) {
    int32_t row = count < 0 ? i : changed_row(cluster, tree->seen + i);
    int64_t score = INFEASIBLE;
    if (fits(cluster, row, demand))
      score = row_score(cluster, row) + class_score(cluster, demand, cluster->trace->type_of[row]);
    enter(trees, tree->scores, row, score);
  }
  tree->seen = cluster->version;
}

int32_t class_trees_find(struct class_trees *trees, int32_t class) {
  struct class_tree *tree = &trees->trees[class];
  synchronise(trees, tree, demand_of(trees->cluster, class));
  const int64_t *scores = tree->scores;
  int64_t best = scores[trees->starts[trees->height]];
  if (best == INFEASIBLE) return -1;
  int32_t place = 0;
  for (int32_t level = trees->height - 1; level >= 0; level--) {
    place <<= BLOCK_BITS;
    while (scores[trees->starts[level] + place] != best) place++;
  }
  return place;
}

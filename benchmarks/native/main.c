/*
 * Runs the churn of a trace by one structure: in every operation one task leaves and one of the next class is placed.
 * First so many operations as the engine was compared on, for the hash of their assignments; then warming up; then
 * rounds on the clock. One JSON line comes out. Usage: see `usage`.
 */
#include <stdio.h>
#include <string.h>
#include "bandwidth.h"
#include "clock.h"
#include "memory.h"
#include "structures.h"

#define INLINE static inline __attribute__((always_inline))
/* Long enough for the clock, short enough that an interruption shows in few batches; as the suite does. */
#define BATCH_NS 200000
#define MOST_BATCH 1000
#define MOST_BATCHES 4096

struct churn {
  struct cluster cluster;
  int64_t operations;
  uint32_t hash; /* FNV-1a over the rows that were chosen, -1 for none */
};

typedef int32_t finder(void *structure, int32_t class);

/* `find` is a constant wherever this is called, so that nothing is called through a pointer. */
INLINE void run_by(struct churn *churn, int64_t operations, void *structure, finder *find) {
  struct cluster *cluster = &churn->cluster;
  const struct trace *trace = cluster->trace;
  int64_t end = churn->operations + operations;
  int32_t class = (int32_t)(churn->operations % trace->classes);
  uint32_t hash = churn->hash;
  for (int64_t i = churn->operations; i < end; i++) {
    int32_t task = trace->victim[i & (trace->victims - 1)];
    if (cluster->row_of[task] >= 0) change_agent(cluster, cluster->row_of[task], cluster->class_of[task], 1);
    int32_t row = find(structure, class);
    cluster->class_of[task] = class;
    cluster->row_of[task] = row;
    if (row >= 0) change_agent(cluster, row, class, -1);
    hash = (hash ^ (uint32_t)row) * 16777619u;
    class = class + 1 == trace->classes ? 0 : class + 1;
  }
  churn->operations = end;
  churn->hash = hash;
}

static int32_t by_scan(void *scan, int32_t class) { return scan_find(scan, class); }
static int32_t by_vectors(void *scan, int32_t class) { return vector_scan_find(scan, class); }
static int32_t by_trees(void *trees, int32_t class) { return class_trees_find(trees, class); }
static int32_t by_index(void *index, int32_t class) { return ordered_index_find(index, class); }

static void run_scan(struct churn *churn, int64_t n, void *scan) { run_by(churn, n, scan, by_scan); }
static void run_vectors(struct churn *churn, int64_t n, void *scan) { run_by(churn, n, scan, by_vectors); }
static void run_trees(struct churn *churn, int64_t n, void *trees) { run_by(churn, n, trees, by_trees); }
static void run_index(struct churn *churn, int64_t n, void *index) { run_by(churn, n, index, by_index); }

static void *new_scan(struct cluster *cluster) { return make_scan(cluster); }
static void *new_vectors(struct cluster *cluster) { return make_vector_scan(cluster); }
static void *new_trees(struct cluster *cluster) { return make_class_trees(cluster); }
static void *new_index(struct cluster *cluster) { return make_ordered_index(cluster); }
static void end_scan(void *scan) { free_scan(scan); }
static void end_vectors(void *scan) { free_vector_scan(scan); }
static void end_trees(void *trees) { free_class_trees(trees); }
static void end_index(void *index) { free_ordered_index(index); }

struct algorithm {
  const char *name;
  void *(*make)(struct cluster *);
  void (*run)(struct churn *, int64_t, void *);
  void (*end)(void *);
  int is_per_class; /* keeps something per class, which must be there before it is timed */
};

static const struct algorithm ALGORITHMS[] = {
    {"scan", new_scan, run_scan, end_scan, 0},
    {"scan-by-vectors", new_vectors, run_vectors, end_vectors, 0},
    {"class-tree", new_trees, run_trees, end_trees, 1},
    {"ordered-index", new_index, run_index, end_index, 0},
};

static int64_t clamp(double value, int64_t least, int64_t most) {
  return value < (double)least ? least : value > (double)most ? most : (int64_t)value;
}

static double ns_per_operation(const struct algorithm *algorithm, struct churn *churn, int64_t n, void *structure) {
  double before = now_ns();
  algorithm->run(churn, n, structure);
  return (now_ns() - before) / (double)n;
}

static int compare_doubles(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

/* Median over batches, so that what else the machine did in between counts in few of them only. */
static double round_ns(const struct algorithm *algorithm, struct churn *churn, void *structure, double ns, double ms) {
  int64_t batch = clamp(BATCH_NS / ns, 1, MOST_BATCH);
  int64_t batches = clamp(ms * 1e6 / (ns * (double)batch), 1, MOST_BATCHES);
  double times[MOST_BATCHES];
  for (int64_t i = 0; i < batches; i++) times[i] = ns_per_operation(algorithm, churn, batch, structure);
  qsort(times, (size_t)batches, sizeof *times, compare_doubles);
  return times[batches / 2];
}

static void measure(const struct algorithm *algorithm, const struct trace *trace, char **numbers) {
  int64_t compared = atoll(numbers[0]);
  double warm_up_ns = atof(numbers[1]) * 1e6, round_ms = atof(numbers[2]);
  int rounds = atoi(numbers[3]);
  struct churn churn = {.cluster = make_cluster(trace), .hash = 0x811c9dc5u};
  void *structure = algorithm->make(&churn.cluster);
  algorithm->run(&churn, compared, structure);
  uint32_t hash = churn.hash;
  if (algorithm->is_per_class) algorithm->run(&churn, 2 * (int64_t)trace->classes, structure);
  double start = now_ns(), ns = 0;
  for (int64_t n = 1; n == 1 || now_ns() - start < warm_up_ns; n *= 2)
    ns = ns_per_operation(algorithm, &churn, n, structure);
  printf("{\"algorithm\":\"%s\",\"hash\":\"%08x\",\"nsPerOp\":[", algorithm->name, hash);
  for (int round = 0; round < rounds; round++)
    printf("%s%.2f", round > 0 ? "," : "", round_ns(algorithm, &churn, structure, ns, round_ms));
  printf("]}\n");
  algorithm->end(structure);
  free_cluster(&churn.cluster);
}

static int usage(void) {
  fprintf(stderr, "Usage: native <trace> <algorithm> <compared operations> <warm-up ms> <round ms> <rounds>\n"
                  "       native bandwidth <agents> <resources> <ms>\n"
                  "Algorithms: scan, scan-by-vectors, class-tree, ordered-index.\n");
  return 2;
}

int main(int count, char **arguments) {
  if (count == 5 && strcmp(arguments[1], "bandwidth") == 0) {
    measure_bandwidth(atoi(arguments[2]), atoi(arguments[3]), atof(arguments[4]));
    return 0;
  }
  if (count != 7) return usage();
  for (size_t i = 0; i < sizeof ALGORITHMS / sizeof *ALGORITHMS; i++) {
    if (strcmp(arguments[2], ALGORITHMS[i].name) != 0) continue;
    struct trace trace = read_trace(arguments[1]);
    measure(&ALGORITHMS[i], &trace, arguments + 3);
    free_trace(&trace);
    return 0;
  }
  return usage();
}

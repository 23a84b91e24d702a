/*
 * Streams through the columns that a scan must touch: free units per resource and the score of each agent. (One that
 * keeps agents in order of rows reads their types as well.) The sums are only there so that the reads are not left out;
 * they are as wide as the vectors of the machine.
 */
#include "bandwidth.h"
#include <stddef.h>
#include "clock.h"
#include "memory.h"

/* Rows more than there are agents, so that a column ends with a whole vector. */
#define PADDING 64

static uint64_t sum_of(const uint64_t *words, size_t count) {
  /* Several sums side by side: one alone would wait for its own addition. */
  uint64_t sums[32] = {0};
  size_t i = 0;
  for (; i + 32 <= count; i += 32)
    for (size_t lane = 0; lane < 32; lane++) sums[lane] += words[i + lane];
  uint64_t sum = 0;
  for (; i < count; i++) sum += words[i];
  for (size_t lane = 0; lane < 32; lane++) sum += sums[lane];
  return sum;
}

void measure_bandwidth(int32_t agents, int32_t resources, double ms) {
  /* Free units have 4 bytes, the score has 8. */
  size_t narrow = ((size_t)agents + 1) / 2;
  size_t wide = (size_t)agents;
  size_t columns = (size_t)resources + 1;
  uint64_t **words = column(columns, sizeof *words);
  for (size_t c = 0; c < columns; c++) {
    words[c] = column((size_t)agents + PADDING, sizeof(uint64_t));
    for (size_t i = 0; i < (size_t)agents; i++) words[c][i] = i * 0x9e3779b9u + c;
  }
  volatile uint64_t sink = 0;
  double least_ns = 1e300;
  double start = now_ns();
  while (now_ns() - start < ms * 1e6) {
    const int passes = agents < 20000 ? 200 : 10;
    double before = now_ns();
    for (int pass = 0; pass < passes; pass++) {
      for (size_t c = 0; c < columns; c++) sink += sum_of(words[c], c == 0 ? wide : narrow);
      /* The compiler may not assume that the columns are still what they were. */
      __asm__ volatile("" ::: "memory");
    }
    double ns = (now_ns() - before) / passes;
    least_ns = ns < least_ns ? ns : least_ns;
  }
  size_t bytes = 8 * (wide + (columns - 1) * narrow);
  printf("{\"agents\":%d,\"resources\":%d,\"bytes\":%zu,\"nsPerPass\":%.1f,\"gigabytesPerSecond\":%.1f}\n", agents,
         resources, bytes, least_ns, (double)bytes / least_ns);
  for (size_t c = 0; c < columns; c++) free(words[c]);
  free(words);
}

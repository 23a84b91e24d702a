/**
 * The published experiment, cell by cell. The trace is not part of the repository; without it these tests are
 * skipped. All deterministic runs: `stowage replay --trace <folder> --workload all --seed all --expected <folder>`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CELL_TOLERANCE, ExpectedResults, OpenbTrace, replay } from '../src/index.ts';

const folder = join(import.meta.dirname, '../../../../shared/traces/openb');
const isThere = existsSync(folder);
if (!isThere) console.info(`golden replays are skipped: there is no trace in ${folder}`);

describe.skipIf(!isThere)('replays of the openb trace equal the published tables', () => {
  const trace = isThere ? new OpenbTrace(folder) : undefined!;
  const expected = isThere ? new ExpectedResults(join(folder, 'expected_results')) : undefined!;

  // Chosen to cover every policy, shares, several GPUs, GPU models and CPU-bound pods; `gpuspec10` and `cpu250`
  // are workloads on which the last bit of a fragmentation sum decides placements.
  test.each([
    ['default', 42, 'best-fit'],
    ['default', 42, 'dot-product'],
    ['default', 42, 'gpu-packing'],
    ['default', 42, 'gpu-clustering'],
    ['default', 42, 'fgd'],
    ['cpu250', 43, 'fgd'],
    ['cpu250', 46, 'gpu-clustering'],
    ['gpushare100', 45, 'fgd'],
    ['gpushare100', 45, 'gpu-packing'],
    ['gpuspec10', 43, 'fgd'],
    ['gpuspec33', 44, 'fgd'],
    ['gpuspec33', 44, 'dot-product'],
    ['multigpu50', 43, 'best-fit'],
    ['multigpu50', 43, 'fgd'],
  ])('%s, seed %i, %s', (workload, seed, policy) => {
    const comparison = expected.compare(replay(trace.workload(workload, seed), policy));
    expect(comparison).toMatchObject({ compared: true, cells: 262, agrees: true });
    expect(comparison.compared && comparison.largestDifference).toBeLessThanOrEqual(CELL_TOLERANCE);
  });

  test('random is as good as the published random: 87.47 ± 0.32 % at 130 %', () => {
    const { allocation } = replay(trace.workload('default', 42), 'random');
    expect(allocation[130]).toBeGreaterThan(86.5);
    expect(allocation[130]).toBeLessThan(88.5);
  });
});

/**
 * The published results of the openb experiments, and how far a replay is from them. Every cell of both tables
 * must agree: a single pod placed elsewhere shows in hundreds of cells.
 */
import { join } from 'node:path';
import { fail } from '../errors.ts';
import { PODS_PREFIX } from '../openb/openb-pods.ts';
import { REPLAY_POLICIES, replayPolicy } from './policies.ts';
import { MAX_ARRIVED_PERCENT } from './replay-metrics.ts';
import type { ReplayRun } from './replay-run.ts';
import { readCsv } from '../trace-file.ts';

/**
 * Greatest difference of two cells, in percentage points, that still counts as agreement. The published cells are
 * rounded to two decimals; where a mean lies on a half, the order of summation decides which way, so one hundredth
 * is no difference. The thousandth on top is for 0.01 having no exact binary form.
 * @public
 */
export const CELL_TOLERANCE = 0.011;

/** How a replay compares with the published run of the same workload, policy and seed. @public */
export type Comparison =
  | { readonly compared: false; readonly reason: string }
  | {
      readonly compared: true;
      readonly cells: number;
      /** In percentage points. */
      readonly largestDifference: number;
      readonly agrees: boolean;
    };

interface PublishedRun {
  allocation?: readonly number[];
  fragmentation?: readonly number[];
}

/**
 * The tables of one folder.
 * @public
 */
export class ExpectedResults {
  readonly #runs = new Map<string, PublishedRun>();

  /**
   * @param folder - holds `analysis_allo_discrete.csv` and `analysis_frag_discrete.csv`
   * @throws StowageError TRACE_NOT_FOUND, MALFORMED_TRACE
   */
  constructor(folder: string) {
    this.#read(join(folder, 'analysis_allo_discrete.csv'), 'allocation');
    this.#read(join(folder, 'analysis_frag_discrete.csv'), 'fragmentation');
  }

  /** Compares all cells of a run. @throws StowageError MALFORMED_TRACE when only one table has the run */
  compare(run: ReplayRun): Comparison {
    if (!replayPolicy(run.policy).deterministic) {
      return {
        compared: false,
        reason: `${run.policy} draws random numbers, other ones than the published run`,
      };
    }
    const published = this.#runs.get(keyOf(run.workload, run.policy, run.seed));
    if (published === undefined) return { compared: false, reason: 'not among the published runs' };
    if (published.allocation === undefined || published.fragmentation === undefined) {
      return fail(
        'MALFORMED_TRACE',
        `only one of the two expected tables has ${run.workload}, ${run.policy}, seed ${run.seed}; copy both files again.`,
      );
    }
    const largestDifference = Math.max(
      ...run.allocation.map((value, cell) => Math.abs(value - published.allocation![cell])),
      ...run.fragmentation.map((value, cell) => Math.abs(value - published.fragmentation![cell])),
    );
    return {
      compared: true,
      cells: run.allocation.length + run.fragmentation.length,
      largestDifference,
      agrees: largestDifference <= CELL_TOLERANCE,
    };
  }

  #read(path: string, table: keyof PublishedRun): void {
    const cells = Array.from({ length: MAX_ARRIVED_PERCENT + 1 }, (_, percent) => String(percent));
    for (const row of readCsv(path, ['workload', 'sc_policy', 'seed', ...cells])) {
      const published = row.text('sc_policy');
      const policy = REPLAY_POLICIES.find(({ publishedAs }) => publishedAs === published);
      if (policy === undefined) continue;
      const workload = row.text('workload');
      if (!workload.startsWith(PODS_PREFIX))
        row.reject(`workload is "${workload}"; it must start with ${PODS_PREFIX}.`);
      const key = keyOf(workload.slice(PODS_PREFIX.length), policy.name, row.integer('seed'));
      const run = this.#runs.get(key) ?? {};
      if (run[table] !== undefined) row.reject(`${key} occurs twice; remove one of the lines.`);
      run[table] = cells.map((cell) => row.decimal(cell));
      this.#runs.set(key, run);
    }
    if (this.#runs.size === 0) fail('MALFORMED_TRACE', `${path}: no line has a policy that is known here.`);
  }
}

function keyOf(workload: string, policy: string, seed: number): string {
  return `${workload} ${policy} ${seed}`;
}

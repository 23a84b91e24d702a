/**
 * The experiment of fragmentation gradient descent (Weng et al., "Beware of Fragmentation", USENIX ATC'23): a cluster of
 * 1,213 nodes is filled with 17 workloads until 130 % of its GPU capacity has arrived, and what counts is how much of
 * it is allocated. First the published policies, which have to agree with the published tables cell by cell, then ours
 * on the same sequences, then FGD and ours on sequences that nobody has seen.
 */
import { join } from 'node:path';
import { ExpectedResults } from '../../replay/expected-results.ts';
import { OpenbTrace } from '../../openb/openb-trace.ts';
import { REPLAY_POLICIES } from '../../replay/policies.ts';
import { replay } from '../../replay/replay.ts';
import type { Workload } from '../../openb/workload.ts';
import type { QualitySuite, SuiteContext, SuiteResult, SuiteStep } from '../suite.ts';
import { checksOf } from './fill-up-checks.ts';
import { type FillUpRun, measuresOf, OURS, PUBLISHED_BEST } from './fill-up-measures.ts';
import { plotsOf } from './fill-up-plots.ts';
import { freshWorkload } from './fresh-workload.ts';

const SMOKE_WORKLOADS = ['default', 'gpushare100'];
const SMOKE_POLICIES = ['best-fit', PUBLISHED_BEST];
const FRESH_SEEDS = [1, 2, 3];

/** Runs on one sequence. */
interface Sequence {
  readonly workload: string;
  readonly seed: number;
  readonly isFresh: boolean;
  readonly policies: readonly string[];
}

/** @public */
export const fillUp: QualitySuite = {
  name: 'fill-up',
  summary: 'a GPU cluster filled with the openb workloads: how much of it is allocated, held to FGD',
  needsData: true,
  *run({ data, smoke }: SuiteContext): Generator<SuiteStep, SuiteResult> {
    const folder = join(data, 'openb');
    const trace = new OpenbTrace(folder);
    const expected = new ExpectedResults(join(folder, 'expected_results'));
    const sequences = smoke ? smokeSequences(trace) : allSequences(trace);
    const total = sequences.reduce((sum, { policies }) => sum + policies.length, 0);
    const runs: FillUpRun[] = [];
    for (const sequence of sequences) {
      const workload = workloadOf(trace, sequence);
      for (const policy of sequence.policies) {
        const kind = sequence.isFresh ? 'fresh seed' : 'seed';
        const next = `${sequence.workload}, ${kind} ${sequence.seed}, ${policy}`;
        yield { share: runs.length / total, next };
        const run = replay(workload, policy);
        const comparison = sequence.isFresh ? undefined : expected.compare(run);
        runs.push({
          workload: run.workload,
          seed: run.seed,
          policy,
          isFresh: sequence.isFresh,
          allocation: run.allocation,
          microsPerPlacement: (1e6 * run.seconds) / workload.arrivals.length,
          agrees: comparison?.compared === true && comparison.agrees,
        });
      }
    }
    return {
      measures: measuresOf(runs),
      checks: checksOf(runs, smoke),
      plots: plotsOf(runs),
      notes: [
        'A policy knows the typical pods of a workload (the most frequent shapes, 95 % of the pods), as FGD does, and nothing of the order in which they arrive.',
        'Fresh sequences follow the published protocol with another random generator.',
        'The references of the targets are the published means of FGD over seeds 42 to 51; the recorded sequences are those of seeds 42 to 46.',
      ],
    };
  },
};

function workloadOf(trace: OpenbTrace, { workload, seed, isFresh }: Sequence): Workload {
  return isFresh
    ? freshWorkload(trace.workload(workload, trace.seeds(workload)[0]), seed)
    : trace.workload(workload, seed);
}

function smokeSequences(trace: OpenbTrace): Sequence[] {
  return SMOKE_WORKLOADS.map((workload) => ({
    workload,
    seed: trace.seeds(workload)[0],
    isFresh: false,
    policies: [...SMOKE_POLICIES, OURS],
  }));
}

function allSequences(trace: OpenbTrace): Sequence[] {
  const golden = REPLAY_POLICIES.filter(
    ({ publishedAs, deterministic }) => publishedAs !== undefined && deterministic,
  );
  const policies = [...golden.map(({ name }) => name), OURS];
  return trace.workloads.flatMap((workload) => [
    ...trace.seeds(workload).map((seed) => ({ workload, seed, isFresh: false, policies })),
    ...FRESH_SEEDS.map((seed) => ({ workload, seed, isFresh: true, policies: [PUBLISHED_BEST, OURS] })),
  ]);
}

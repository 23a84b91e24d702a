/**
 * What the tests of both kinds of jobs do: random sequences, in each of which the machine agrees with its model after
 * every event, and comes to what the jobs promise in the end. `STOWAGE_JOB_SEQUENCES` says how many (default 3,000, half
 * for each kind), `STOWAGE_JOB_SEED` from which seed; `many-sequences.mjs` sets both.
 */
import process from 'node:process';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { JobSpec } from '../../src/spec/job-spec.ts';
import { commandArbitrary, EVENT_KINDS } from './commands.ts';
import { partnerJobs, policies } from './job-cases.ts';
import { runSequence } from './sequence.ts';
import { VICTIM_ORDERS, VICTIMS } from './victim-model.ts';

const DEFAULT_SEQUENCES = 3000;
const SEQUENCES = Number(process.env.STOWAGE_JOB_SEQUENCES ?? DEFAULT_SEQUENCES);
const SEED = Number(process.env.STOWAGE_JOB_SEED ?? Date.now() % 2 ** 31);
/** Sequences for which fast-check is started anew, with the next seed. */
const CHUNK = 500;
const LONGEST = 60;
/** Of one test; the whole of 100,000 sequences fits in. */
export const TIMEOUT_MS: number = 3 * 3_600_000;

/** What must have happened for agreement to mean something. */
const COMMON = [...EVENT_KINDS, 'crash', 'release', 'kill', 'launch', 'enqueue', 'wake', 'job-finished'];
const EXPECTED = {
  batch: [
    ...COMMON,
    'crash-loop-begun',
    'crash-loop-ended',
    'task-stuck',
    ...['TASK_NOT_FOUND', 'JOB_TERMINATING', 'TASK_TERMINATING', 'NOT_A_SERVICE', 'STALE_STATUS'].map(
      refused,
    ),
    ...['ILLEGAL_TRANSITION', 'TASK_NOT_STARTED', 'INVALID_EVENT'].map(refused),
  ],
  service: [
    ...COMMON,
    'move',
    'crash-loop-begun',
    'crash-loop-ended',
    'task-stuck',
    ...['TASK_NOT_FOUND', 'JOB_TERMINATING', 'TASK_TERMINATING', 'INVALID_CAPACITY', 'STALE_STATUS'].map(
      refused,
    ),
    ...['CAPACITY_LOCKED', 'SHRINK_BELOW_MIN', 'ILLEGAL_TRANSITION', 'TASK_NOT_STARTED'].map(refused),
    ...['SAME_JOB', 'JOBS_NOT_COMPATIBLE', 'BELOW_MIN_CAPACITY', 'ABOVE_MAX_CAPACITY'].map(refused),
  ],
};
/** Each of these happens at least once in so many sequences. */
const SELDOM = 500;

/** Runs the sequences of one kind, and expects that everything that should happen in them has. */
export function expectAgreement(kind: JobSpec['kind'], jobs: fc.Arbitrary<JobSpec>): void {
  const totals: Record<string, number> = {};
  const property = fc.property(
    fc.tuple(jobs, partnerJobs),
    policies,
    fc.constantFrom(...VICTIMS),
    fc.array(commandArbitrary, { minLength: 1, maxLength: LONGEST, size: 'max' }),
    (specs, own, victims, commands) => {
      const policy = { ...own, victimOrder: VICTIM_ORDERS[victims] };
      const tally = runSequence({ specs, policy, victims }, commands);
      for (const [what, count] of Object.entries(tally)) totals[what] = (totals[what] ?? 0) + count;
    },
  );
  const sequences = Math.ceil(SEQUENCES / 2);
  for (let done = 0; done < sequences; done += CHUNK) {
    fc.assert(property, { numRuns: Math.min(CHUNK, sequences - done), seed: SEED + done / CHUNK });
    if (SEQUENCES > DEFAULT_SEQUENCES) report(kind, Math.min(done + CHUNK, sequences), sequences, totals);
  }
  const often = Math.floor(sequences / SELDOM);
  for (const what of EXPECTED[kind]) expect(totals[what] ?? 0, what).toBeGreaterThanOrEqual(often);
}

function refused(code: string): string {
  return `refused: ${code}`;
}

function report(kind: string, done: number, of: number, totals: Readonly<Record<string, number>>): void {
  const events = EVENT_KINDS.reduce((sum, event) => sum + (totals[event] ?? 0), 0);
  process.stderr.write(`${kind}: ${done} of ${of} sequences, ${events} events, seed ${SEED}\n`);
}

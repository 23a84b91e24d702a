/** Evictions that the budget is asked for first never exceed it, whatever else happens to the job. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evictionCommandArbitrary } from './commands.ts';
import { EvictionGuard } from './eviction-guard.ts';
import { batchJobs, partnerJobs, policies, serviceJobs } from './job-cases.ts';
import { runSequence } from './sequence.ts';

const SEQUENCES = 500;
/** On a busy machine it takes long. */
const TIMEOUT_MS = 600_000;

test(
  'evictions stay within rates, availability, relocation limits and time windows, over crashes too',
  { timeout: TIMEOUT_MS },
  () => {
    const totals: Record<string, number> = {};
    fc.assert(
      fc.property(
        fc.tuple(fc.oneof(batchJobs, serviceJobs), partnerJobs),
        policies,
        fc.array(evictionCommandArbitrary, { minLength: 20, maxLength: 90, size: 'max' }),
        (specs, policy, commands) => {
          const tally = runSequence(
            { specs, policy, victims: 'spread-keeping' },
            commands,
            new EvictionGuard(),
          );
          for (const [what, count] of Object.entries(tally)) totals[what] = (totals[what] ?? 0) + count;
        },
      ),
      { numRuns: SEQUENCES },
    );
    expect(totals['evict-task']).toBeGreaterThan(SEQUENCES / 2);
    expect(totals['eviction not admitted']).toBeGreaterThan(SEQUENCES);
  },
);

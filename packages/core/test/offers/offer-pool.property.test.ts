/** The offer pool agrees with its model after every step, with offers used once and with one offer per agent. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OfferPoolRun } from './offer-pool-run.ts';
import { stepArbitrary } from './offer-pool-steps.ts';

const RUNS = 160;
const STEPS_PER_RUN = 100;

/** What must have happened often enough for agreement to mean something. */
const COMMON = {
  placed: 500,
  'not placed': 500,
  'handed over': 80,
  'hand-over refused': 5,
  'released launched': 150,
  'released new': 150,
  'taken back': 80,
  'refused rescinded': 50,
  'turned away': 100,
  'adoption refused': 3,
  'given back: requested': 100,
  'given back: disabled': 40,
};

for (const [name, single, atLeast] of [
  ['offers', false, { ...COMMON, 'given back: expired': 60, 'expiry limited': 20 }],
  ['single offers', true, COMMON],
] as const) {
  test(`${name}: ${RUNS * STEPS_PER_RUN} random steps`, () => {
    const totals: Record<string, number> = {};
    const steps = fc.array(stepArbitrary, { minLength: STEPS_PER_RUN, maxLength: STEPS_PER_RUN });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 2 }), (sequence, maxAgents) => {
        const run = new OfferPoolRun(single, maxAgents);
        for (const step of sequence) run.apply(step);
        for (const [what, count] of Object.entries(run.tally)) totals[what] = (totals[what] ?? 0) + count;
      }),
      { numRuns: RUNS },
    );
    for (const [what, count] of Object.entries(atLeast))
      expect(totals[what] ?? 0, what).toBeGreaterThanOrEqual(count);
  });
}

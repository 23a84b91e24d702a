import { resourcesArbitrary, scenarioArbitrary } from '@stowage/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundledPolicies } from './policy-pairs.ts';
import { SchedulerRun, stepArbitrary } from './scheduler-run.ts';

const CASES = 1500;

describe('the object API decides as the oracle does', () => {
  it(`in ${CASES} random sessions with gangs, what-if and snapshots`, () => {
    const totals = { placed: 0, gangs: 0, gangsRefused: 0 };
    fc.assert(
      fc.property(
        resourcesArbitrary().chain((resources) =>
          scenarioArbitrary(resources, { policies: bundledPolicies, maxOperations: 1 }),
        ),
        fc.array(stepArbitrary, { maxLength: 20, size: 'max' }),
        (scenario, steps) => {
          const run = new SchedulerRun(scenario);
          for (const step of steps) run.apply(step);
          for (const key of ['placed', 'gangs', 'gangsRefused'] as const) totals[key] += run.counts[key];
        },
      ),
      { numRuns: CASES },
    );
    expect(Math.min(...Object.values(totals))).toBeGreaterThan(CASES / 2);
  });
});

import { resourcesArbitrary, runDifferential, scenarioArbitrary } from '@stowage/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundledPolicies } from './policy-pairs.ts';
import { addCounts, flatCounts } from './report-sums.ts';

const CASES = 2500;

/** Codes that histories run into, no others. */
const CODES = ['AGENT_FULL', 'AGENT_IN_USE', 'INVALID_STAGE', 'NO_TRANSACTION', 'TRANSACTION_OPEN'];

/** Events that every history is meant to be full of. */
const FREQUENT = [
  'placed',
  'placedOnSlots',
  'refused',
  'succeeded.place',
  'succeeded.release',
  'succeeded.begin',
  'succeeded.rollback',
  'succeeded.restore',
  'decisions.scan',
  'refusals.constraint',
];

describe('the engine decides as the oracle does', () => {
  it(`in ${CASES} random histories under all policies`, () => {
    const totals = new Map<string, number>();
    fc.assert(
      fc.property(
        resourcesArbitrary().chain((resources) =>
          scenarioArbitrary(resources, { policies: bundledPolicies }),
        ),
        (scenario) => addCounts(totals, flatCounts(runDifferential(scenario))),
      ),
      { numRuns: CASES },
    );
    console.log([...totals].map(([event, count]) => `${event} ${count}`).join(', '));
    // Every kind of event has to occur often enough, or the agreement above says little.
    for (const [event, count] of totals) {
      expect(count, event).toBeGreaterThan(FREQUENT.includes(event) ? CASES : CASES / 100);
    }
    const codes = [...totals.keys()].filter((event) => event.startsWith('rejected.'));
    expect(codes.sort()).toEqual(CODES.map((code) => `rejected.${code}`));
  });
});

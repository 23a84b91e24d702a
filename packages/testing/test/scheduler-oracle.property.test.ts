import { resourcesArbitrary, scenarioArbitrary } from '@stowage/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundledPolicies } from './policy-pairs.ts';
import { addCounts } from './report-sums.ts';
import { SchedulerRun } from './scheduler-run.ts';
import { stepsArbitrary } from './scheduler-step.ts';

const CASES = 1000;

/** Every one of them has to occur often enough, or the agreement says little. */
const EVENTS = [
  'placed',
  'pinned',
  'reserve',
  'gang',
  'gang refused',
  'adopt',
  'confirm',
  'start',
  'remove',
  'update',
  'resize',
  'commit',
  'rollback',
  'what-if',
  'evictions',
  'AGENT_FULL',
  'AGENT_IN_USE',
  'INVALID_STAGE',
];

describe('the object API decides as the oracle does', () => {
  it(`in ${CASES} random sessions with pins, gangs, transactions and snapshots`, () => {
    const totals = new Map<string, number>();
    fc.assert(
      fc.property(
        resourcesArbitrary().chain((resources) =>
          fc.tuple(
            scenarioArbitrary(resources, { policies: bundledPolicies, maxOperations: 1 }),
            stepsArbitrary(resources),
          ),
        ),
        ([scenario, steps]) => {
          const run = new SchedulerRun(scenario);
          for (const step of steps) run.apply(step);
          addCounts(totals, Object.entries(run.counts));
        },
      ),
      { numRuns: CASES },
    );
    console.log([...totals].map(([event, count]) => `${event} ${count}`).join(', '));
    expect([...totals.keys()].sort()).toEqual([...EVENTS].sort());
    for (const [event, count] of totals) expect(count, event).toBeGreaterThan(CASES / 20);
  });
});

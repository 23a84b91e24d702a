import fc from 'fast-check';
import { expect, it } from 'vitest';
import { History, type Tally } from './queue-history.ts';
import { operations } from './queue-operations.ts';

const HISTORIES = 200;

it('the queue does what the model does, step by step, in random histories', () => {
  const tally: Tally = {
    steps: 0,
    placed: 0,
    failed: 0,
    refused: 0,
    coded: 0,
    complete: 0,
    cutShort: 0,
    byAge: 0,
  };
  fc.assert(
    fc.property(operations, (list) => {
      const history = new History(tally);
      for (const one of list) history.run(one);
    }),
    { numRuns: HISTORIES },
  );
  // Every kind of event has to be frequent, or the agreement says little.
  const { steps, byAge, ...events } = tally;
  expect(steps).toBeGreaterThanOrEqual(30_000);
  expect(byAge).toBeGreaterThan(HISTORIES / 4);
  for (const [event, count] of Object.entries(events)) expect(count, event).toBeGreaterThan(HISTORIES);
});

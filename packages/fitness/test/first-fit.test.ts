import { PlacementEngine } from '@stowage/core';
import { checkFitness } from '@stowage/testing';
import { describe, expect, test } from 'vitest';
// Not through the index, as in the other tests of what is new.
import { firstFit } from '../src/first-fit.ts';

describe('firstFit', () => {
  test('keeps the promises of the plug-in contract', () => checkFitness(firstFit()));

  test('takes the lowest row with room, whatever else there is', () => {
    const engine = new PlacementEngine({ resources: [{ name: 'cpu' }], fitness: firstFit() });
    for (const cpu of [3, 9, 5, 9]) engine.addAgent({ resources: { cpu } });
    const rows = [5, 3, 5, 4, 4].map((cpu) =>
      engine.agentOf(engine.place(engine.defineClass({ resources: { cpu } }))),
    );
    expect(rows).toEqual([1, 0, 2, 1, 3]);
  });
});

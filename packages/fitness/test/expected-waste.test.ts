import { type FitnessCalculator, PlacementEngine } from '@stowage/core';
import { checkFitness } from '@stowage/testing';
import { describe, expect, test } from 'vitest';
import { ArrivalHistory } from '../src/expected-waste/arrival-history.ts';
import { expectedWaste } from '../src/expected-waste/expected-waste.ts';
import { scoresOf } from './scores.ts';

type Shape = readonly number[];

/** A history of shapes in turn, a hundred in all. */
function historyOf(resources: readonly string[], shapes: readonly Shape[]): ArrivalHistory {
  const history = new ArrivalHistory(resources);
  for (let i = 0; i < 100; i++) history.observe(shapes[i % shapes.length]);
  return history;
}

/** Agents with 100 of everything, and with what is used of each: nothing where that is 0. */
function engineWith(resources: readonly string[], used: readonly Shape[]): PlacementEngine {
  const amounts = (shape: Shape): Record<string, number> =>
    Object.fromEntries(resources.map((resource, k) => [resource, shape[k]]));
  const engine = new PlacementEngine({ resources: resources.map((name) => ({ name })) });
  used.forEach((shape) => {
    const row = engine.addAgent({ resources: amounts(resources.map(() => 100)) });
    if (shape.some((units) => units > 0))
      engine.placeOn(engine.defineClass({ resources: amounts(shape) }), row);
  });
  return engine;
}

function rowFor(
  engine: PlacementEngine,
  fitness: FitnessCalculator,
  resources: Readonly<Record<string, number>>,
): number {
  return engine.find(engine.defineClass({ resources, fitness }));
}

describe('one resource', () => {
  const seen = (): ArrivalHistory => historyOf(['cpu'], [[60], [40]]);

  test('an exact fit comes first', () => {
    const engine = engineWith(['cpu'], [[50], [40], [60], [0]]);
    expect(rowFor(engine, expectedWaste(seen()), { cpu: 40 })).toBe(2);
    expect(rowFor(engine, expectedWaste(seen()), { cpu: 60 })).toBe(1);
  });

  test('an empty agent comes before a gap that would be spoilt, where best fit spoils it', () => {
    const engine = engineWith(['cpu'], [[40], [0]]);
    // 20 of 60 would be left, for which there is no task; 60 of 100 are as good as taken.
    expect(rowFor(engine, expectedWaste(seen()), { cpu: 40 })).toBe(1);
  });

  test('a gap that is lost anyway comes before an empty agent', () => {
    const engine = engineWith(['cpu'], [[50], [0]]);
    expect(rowFor(engine, expectedWaste(seen()), { cpu: 40 })).toBe(0);
  });

  test('an agent whose tasks ask for other resources counts as empty', () => {
    const engine = new PlacementEngine({ resources: [{ name: 'cpu' }, { name: 'gpu' }] });
    for (let i = 0; i < 20; i++) {
      const row = engine.addAgent({ resources: { cpu: 100, gpu: 8 } });
      engine.placeOn(engine.defineClass({ resources: { cpu: 1 } }), row);
    }
    const history = historyOf(['gpu'], [[1], [2], [4]]);
    const fitness = expectedWaste(history);
    const classes = [1, 2, 4].map((gpu) => engine.defineClass({ resources: { gpu }, fitness }));
    for (let i = 0; i < 24; i++) engine.place(classes[i % 3]);
    const free = [...engine.cluster.free('gpu').subarray(0, 20)];
    // 56 of 8 each fill seven.
    expect(free.filter((units) => units < 8).length).toBeLessThanOrEqual(8);
  });

  test('without a history it is first fit on agents in use', () => {
    const engine = engineWith(['cpu'], [[0], [50], [60], [30]]);
    expect(rowFor(engine, expectedWaste(new ArrivalHistory(['cpu'])), { cpu: 40 })).toBe(1);
  });

  test('asking again without an arrival gives the same scores', () => {
    const history = seen();
    const policy = expectedWaste(history);
    const engine = engineWith(['cpu'], [[50], [30], [60], [0]]);
    const first = scoresOf(engine, policy, { resources: { cpu: 10 } });
    expect(scoresOf(engine, policy, { resources: { cpu: 10 } })).toEqual(first);
  });

  test('agents of many units are handled as several resources are', () => {
    const history = historyOf(['cpu'], [[60_000], [40_000]]);
    const engine = new PlacementEngine({ resources: [{ name: 'cpu' }] });
    for (const used of [40_000, 60_000, 0]) {
      const row = engine.addAgent({ resources: { cpu: 100_000 } });
      if (used > 0) engine.placeOn(engine.defineClass({ resources: { cpu: used } }), row);
    }
    expect(rowFor(engine, expectedWaste(history), { cpu: 40_000 })).toBe(1);
    expect(rowFor(engine, expectedWaste(history), { cpu: 60_000 })).toBe(0);
  });

  test('a larger agent starts it anew', () => {
    const policy = expectedWaste(seen());
    const engine = engineWith(['cpu'], [[60], [0]]);
    expect(rowFor(engine, policy, { cpu: 40 })).toBe(0);
    engine.addAgent({ resources: { cpu: 200 } });
    expect(rowFor(engine, policy, { cpu: 40 })).toBe(0);
  });
});

describe('several resources', () => {
  const seen = (): ArrivalHistory => historyOf(['cpu', 'memory'], [[60, 40], [40, 60]]); // prettier-ignore

  test('the agent that the task completes comes first', () => {
    const engine = engineWith(['cpu', 'memory'], [[30, 30], [40, 40], [40, 60], [0, 0]]); // prettier-ignore
    expect(rowFor(engine, expectedWaste(seen()), { cpu: 60, memory: 40 })).toBe(2);
  });

  test('an empty agent comes before a gap that would be spoilt', () => {
    const engine = engineWith(['cpu', 'memory'], [[60, 40], [0, 0]]); // prettier-ignore
    // A task of 20 by 20 would leave 20 by 40, for which there is no task.
    expect(rowFor(engine, expectedWaste(seen()), { cpu: 20, memory: 20 })).toBe(1);
  });

  test('a gap that is lost anyway comes before an empty agent', () => {
    const engine = engineWith(['cpu', 'memory'], [[0, 0], [70, 40]]); // prettier-ignore
    expect(rowFor(engine, expectedWaste(seen()), { cpu: 20, memory: 20 })).toBe(1);
  });

  test('follows what arrives', () => {
    const history = seen();
    const policy = expectedWaste(history);
    const engine = engineWith(['cpu', 'memory'], [[60, 40], [70, 70], [0, 0]]); // prettier-ignore
    const classId = engine.defineClass({ resources: { cpu: 20, memory: 20 }, fitness: policy });
    expect(engine.find(classId)).toBe(1);
    // Now only small tasks come, for which 20 by 40 is good and 10 by 10 is not.
    for (let i = 0; i < 80; i++) history.observe([20, 20]);
    expect(engine.find(classId)).toBe(0);
  });
});

describe('the contract', () => {
  test.each([
    ['one resource', ['cpu'], [[1], [3]]],
    [
      'several',
      ['cpu', 'memory'],
      [
        [1, 512],
        [2, 0],
        [0, 700],
      ],
    ],
  ] as const)('%s', (_, resources, shapes) => {
    checkFitness(expectedWaste(historyOf(resources, shapes)));
  });

  test('refuses what is no history', () => {
    expect(() => expectedWaste([] as unknown as ArrivalHistory)).toThrow(/INVALID_PLUGIN.*ArrivalHistory/);
  });

  test('an unknown resource is an error when it is asked', () => {
    const engine = engineWith(['cpu'], [[0]]);
    expect(() => rowFor(engine, expectedWaste(new ArrivalHistory(['gold'])), { cpu: 1 })).toThrow(
      /UNKNOWN_RESOURCE/,
    );
  });
});

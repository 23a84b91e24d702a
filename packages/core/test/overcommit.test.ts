/**
 * Overcommitment: more may be booked than there is, by a ratio of the resource or of the agent.
 */
import { describe, expect, test } from 'vitest';
import { PlacementEngine } from '../src/index.ts';

function engineWith(overcommit: number): PlacementEngine {
  return new PlacementEngine({
    resources: [{ name: 'cpu', unitsPerWhole: 1000, overcommit }, { name: 'memory' }],
  });
}

const totals = ({ cluster }: PlacementEngine) => ['cpu', 'memory'].map((name) => cluster.total(name)[0]);

describe('the total is what an agent has times the ratio', () => {
  test('of the resource', () => {
    const engine = engineWith(2.5);
    engine.addAgent({ resources: { cpu: 4, memory: 8 } });
    expect(totals(engine)).toEqual([10_000, 8]);
    expect(engine.find(engine.defineClass({ resources: { cpu: 10 } }))).toBe(0);
  });

  test('or of the agent, which counts instead', () => {
    const engine = engineWith(2.5);
    engine.addAgent({ resources: { cpu: 4, memory: 8 }, overcommit: { cpu: 1, memory: 0.5 } });
    expect(totals(engine)).toEqual([4000, 4]);
  });

  test('rounded down to a unit', () => {
    const engine = engineWith(1);
    engine.addAgent({ resources: { cpu: 1, memory: 3 }, overcommit: { cpu: 1.0009, memory: 1.5 } });
    expect(totals(engine)).toEqual([1000, 4]);
  });

  test('up to what can be counted', () => {
    const engine = engineWith(1);
    const memory = 2 ** 21;
    expect(() => engine.addAgent({ resources: { memory: 2 ** 22 }, overcommit: { memory: 1000 } })).toThrow(
      'QUANTITY_OVERFLOW',
    );
    engine.addAgent({ resources: { memory }, overcommit: { memory: 1000 } });
    expect(totals(engine)).toEqual([0, 2_097_152_000]);
  });
});

test('an update reads the ratio anew, a size is taken as it is', () => {
  const engine = engineWith(2);
  engine.addAgent({ resources: { cpu: 4 }, overcommit: { cpu: 3 } });
  engine.updateAgent(0, { resources: { cpu: 4 } });
  expect(totals(engine)).toEqual([8000, 0]);
  engine.resizeAgent(0, { cpu: 5 });
  expect(totals(engine)).toEqual([5000, 0]);
});

test('a snapshot keeps the ratio of the resource and the totals', () => {
  const engine = engineWith(2);
  engine.addAgent({ resources: { cpu: 4 }, overcommit: { cpu: 3 } });
  const { engine: restored } = PlacementEngine.restore(engine.snapshot());
  expect(totals(restored)).toEqual([12_000, 0]);
  restored.updateAgent(0, { resources: { cpu: 4 } });
  expect(totals(restored)).toEqual([8000, 0]);
});

test.each([
  [3, 1.15, 3450],
  [1, 1.005, 1005],
  [0.1, 2.3, 230],
  [0.333, 1.5, 499],
])(
  '%d cores times %d are %d units: what only doubles make a fraction is not rounded down',
  (cpu, ratio, units) => {
    const engine = engineWith(ratio);
    engine.addAgent({ resources: { cpu } });
    expect(totals(engine)[0]).toBe(units);
  },
);

import { binPacking } from '@stowage/fitness';
import { expect, test } from 'vitest';
import { PlacementEngine } from '../src/index.ts';

/** One agent with eight interfaces, room for no other, so that lists of rows are as short as can be. */
function engineWithInterfaces(agents: number): PlacementEngine {
  const engine = new PlacementEngine({
    resources: [{ name: 'cpu' }, { name: 'nic', kind: 'set' }],
    fitness: binPacking('cpu'),
    agentCapacity: agents,
    structure: 'ordered-index',
  });
  for (let i = 0; i < agents; i++)
    engine.addAgent({ resources: { cpu: 100, nic: { slots: 8, unitsPerSlot: 2 } } });
  return engine;
}

test('an agent with many slots under a label is found once', () => {
  const engine = engineWithInterfaces(3);
  const web = engine.defineClass({ resources: { cpu: 1, nic: { units: 2, label: 'web' } } });
  const spare = engine.defineClass({ resources: { cpu: 1, nic: { units: 1, label: 'web' } } });
  const rows = Array.from({ length: 12 }, (_, i) => engine.placeOn(web, (i * 2) % 3)).map((task) =>
    engine.agentOf(task),
  );
  expect(rows).toEqual(Array.from({ length: 12 }, (_, i) => (i * 2) % 3));
  expect(Array.from({ length: 6 }, () => engine.agentOf(engine.place(spare)))).toEqual([0, 0, 0, 0, 0, 0]);
  expect(engine.work.decisionsBy.union).toBe(6);
  expect(engine.verify()).toEqual([]);
});

test('a label is served where it is in use, also without an idle slot', () => {
  const engine = engineWithInterfaces(2);
  const own = Array.from({ length: 8 }, (_, i) =>
    engine.defineClass({ resources: { cpu: 1, nic: { units: 1, label: `sg-${i}` } } }),
  );
  for (const taskClass of own) engine.placeOn(taskClass, 1);
  const other = engine.defineClass({ resources: { cpu: 1, nic: { units: 1, label: 'other' } } });
  expect(own.map((taskClass) => engine.find(taskClass))).toEqual(own.map(() => 1));
  expect(engine.find(other)).toBe(0);
});

test('of many holders only those are asked about that may be the best', () => {
  const agents = 400;
  const engine = engineWithInterfaces(agents);
  const spare = engine.defineClass({ resources: { cpu: 1, nic: { units: 1, label: 'web' } } });
  const loads = Array.from({ length: agents }, (_, i) => 1 + ((i * 37) % 98));
  loads.forEach((cpu, row) => {
    const whole = { cpu, nic: { units: 1, label: 'web' } };
    engine.placeOn(engine.defineClass({ resources: whole }), row);
  });
  const before = engine.work.evaluations;
  expect(engine.find(spare)).toBe(loads.indexOf(98));
  expect(engine.work.decisionsBy.union).toBe(1);
  expect(engine.work.evaluations - before).toBeLessThan(20);
  expect(engine.verify()).toEqual([]);
});

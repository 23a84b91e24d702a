import { expect, test } from 'vitest';
import { PlacementEngine } from '../src/index.ts';
import { ASSIGNED, RUNNING, TaskTable } from '../src/tasks/task-table.ts';

test('a record keeps ordinals of any size beside stage and generation', () => {
  const tasks = new TaskTable(0, 1);
  for (const ordinal of [0, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]) {
    const handle = tasks.occupy(3, 5, ordinal % 2 === 0 ? RUNNING : ASSIGNED, ordinal);
    const index = tasks.indexOf(handle);
    expect(tasks.ordinalOf(index)).toBe(ordinal);
    expect([tasks.classOf(index), tasks.agentOf(index)]).toEqual([3, 5]);
    expect(tasks.stageOf(index)).toBe(ordinal % 2 === 0 ? RUNNING : ASSIGNED);
    expect(tasks.handleOf(index)).toBe(handle);
    tasks.vacate(index);
    expect(tasks.has(handle)).toBe(false);
  }
});

test('an index that held slots holds none for the next task', () => {
  const engine = new PlacementEngine({ resources: [{ name: 'cpu' }, { name: 'nic', kind: 'set' }] });
  engine.addAgent({ resources: { cpu: 4, nic: { slots: 2, unitsPerSlot: 2 } } });
  const wide = engine.defineClass({ resources: { cpu: 1, nic: { slots: 2, units: 1 } } });
  const bare = engine.defineClass({ resources: { cpu: 1 } });
  const first = engine.place(wide);
  expect(engine.slotsOf(first, 'nic')).toBe(3);
  engine.release(first);
  expect(engine.slotsOf(engine.place(bare), 'nic')).toBe(0);
  engine.begin();
  engine.place(wide);
  engine.rollback();
  expect(engine.slotsOf(engine.place(bare), 'nic')).toBe(0);
  expect(engine.verify()).toEqual([]);
});

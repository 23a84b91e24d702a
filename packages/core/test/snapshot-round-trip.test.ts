/**
 * States that are easily lost on the way into a snapshot and back.
 */
import { describe, expect, test } from 'vitest';
import { PlacementEngine } from '../src/index.ts';
import { bytes, engineWithAll, read } from './snapshot-parts.ts';

describe('what a restored engine keeps', () => {
  test('keys that every object seems to have', () => {
    const keys = '{"__proto__":"p","constructor":"c","toString":"t"}';
    const odd = JSON.parse(keys) as Record<string, string>;
    const engine = new PlacementEngine({ resources: [{ name: 'cpu' }] });
    for (const attributes of [{}, odd, { zone: 'z' }]) engine.addAgent({ resources: { cpu: 1 }, attributes });
    engine.place(engine.defineClass({ resources: { cpu: 1 }, labels: odd }));
    engine.place(engine.defineClass({ resources: { cpu: 1 } }));
    const { engine: restored } = roundTrip(engine);
    for (const row of [0, 1, 2])
      expect(Object.entries(restored.attributesOf(row))).toEqual(Object.entries(engine.attributesOf(row)));
    expect(JSON.stringify(restored.attributesOf(1))).toBe(keys);
    const { classes } = read(restored.snapshot()).meta;
    expect(classes.map(({ labels }) => JSON.stringify(labels))).toEqual([keys, '{}']);
  });

  test('names under any key', () => {
    const names = JSON.parse('{"__proto__":["a"],"constructor":[]}') as Record<string, string[]>;
    const snapshot = engineWithAll().snapshot(names);
    expect(JSON.stringify(PlacementEngine.restore(snapshot).names)).toBe(JSON.stringify(names));
  });

  test('draining agents and gaps between rows', () => {
    const engine = engineWithAll();
    engine.addAgent({ resources: {} });
    engine.addAgent({ resources: { cpu: 1 } });
    engine.removeAgent(1);
    const { engine: restored } = roundTrip(engine);
    expect([0, 2, 3].map((row) => restored.isDraining(row))).toEqual([false, true, false]);
    expect([0, 1, 2, 3].map((row) => restored.hasAgent(row))).toEqual([true, false, true, true]);
    for (const one of [engine, restored])
      expect([one.addAgent({ resources: {} }), one.addAgent({ resources: {} })]).toEqual([1, 4]);
  });

  test('labels of idle slots', () => {
    const engine = new PlacementEngine({ resources: [{ name: 'gpu', kind: 'set' }] });
    engine.addAgent({ resources: { gpu: { slots: 32, unitsPerSlot: 1 } } });
    const demand = (label: string) => ({ resources: { gpu: { label } } });
    const [a, b] = ['a', 'b'].map((label) => engine.place(engine.defineClass(demand(label))));
    engine.release(a);
    engine.release(b);
    const { engine: restored } = roundTrip(engine);
    for (const one of [engine, restored])
      expect(one.slotsOf(one.place(one.defineClass(demand('b'))), 'gpu')).toBe(0b10);
  });

  test('stages, reports, taints and the order of placing', () => {
    const engine = engineWithAll();
    const { engine: restored } = roundTrip(engine);
    const [handle] = restored.tasksOn(0);
    expect(restored.stageOf(handle)).toBe('reserved');
    expect(restored.taintsOf(2)).toEqual([{ key: 'k', value: '', effect: 'NoExecute' }]);
    expect(restored.cluster.signal('heat')[0]).toBe(2);
    const images = restored.cluster.cached('image');
    expect([images.has(0, images.idOf('y')), images.countOf(0)]).toEqual([true, 2]);
    expect(restored.cluster.nowMs()).toBe(5);
    const later = [engine, restored].map((one) => {
      const borrowing = one.defineClass({ resources: {}, opportunistic: { cpu: 2 }, tolerations: [{}] });
      const young = one.place(borrowing);
      one.reportAgent(0, { lent: {} });
      one.resizeAgent(0, { cpu: 3 });
      one.confirm(handle);
      return [one.evictions().map((eviction) => eviction.handle), [young]];
    });
    expect(later[0][0]).toEqual(later[0][1]);
    expect(later[1]).toEqual(later[0]);
  });

  test('whom placed tasks repel', () => {
    const { engine } = roundTrip(engineWithAll());
    const database = engine.defineClass({ resources: {}, labels: { app: 'db' } });
    expect(engine.explain(database, 0).reasons.map(({ name }) => name)).toEqual([
      'anti-affinity of tasks on the same zone',
    ]);
  });

  test('the time when a slot loses its label', () => {
    const { engine } = roundTrip(engineWithAll());
    const fresh = engine.defineClass({ resources: { gpu: { label: 'c' } } });
    engine.advanceTo(11);
    expect(engine.place(fresh)).toBe(-1);
    engine.advanceTo(12);
    expect(engine.slotsOf(engine.place(fresh), 'gpu')).toBe(0b10);
  });

  test('all 32 slots of a task', () => {
    const engine = new PlacementEngine({ resources: [{ name: 'gpu', kind: 'set' }] });
    engine.addAgent({ resources: { gpu: { slots: 32, unitsPerSlot: 1 } } });
    const handle = engine.place(engine.defineClass({ resources: { gpu: { slots: 32 } } }));
    expect(roundTrip(engine).engine.slotsOf(handle, 'gpu')).toBe(2 ** 32 - 1);
  });

  test('the order and generation of free task indices', () => {
    const engine = new PlacementEngine({ resources: [{ name: 'cpu' }] });
    engine.addAgent({ resources: { cpu: 9 } });
    const requirements = { resources: { cpu: 1 } };
    const id = engine.defineClass(requirements);
    const handles = Array.from({ length: 5 }, () => engine.place(id));
    for (const which of [3, 0, 2]) engine.release(handles[which]);
    const { engine: restored } = roundTrip(engine);
    expect(handles.map((handle) => restored.hasTask(handle))).toEqual([false, true, false, false, true]);
    const again = (one: PlacementEngine): number[] => {
      const fresh = one.defineClass(requirements);
      return Array.from({ length: 5 }, () => one.place(fresh));
    };
    const placed = again(restored);
    expect(placed).toEqual(again(engine));
    expect(placed.map((handle) => handle & 0xffffff)).toEqual([2, 0, 3, 5, 6]);
    expect(handles.filter((handle) => restored.hasTask(handle))).toEqual([handles[1], handles[4]]);
  });
});

test('what happened in between and left nothing does not show', () => {
  const engine = engineWithAll();
  engine.advanceTo(20);
  const before = bytes(engine.snapshot());
  const resources = { cpu: 1, gpu: { units: 1, label: 'other' } };
  const row = engine.addAgent({ resources: {}, attributes: { zone: 'other', extra: 'x' } });
  engine.removeAgent(row);
  const id = engine.defineClass({ resources, labels: { other: 'x' } });
  engine.begin();
  engine.place(id);
  engine.release(engine.place(id));
  engine.rollback();
  expect(bytes(engine.snapshot())).toEqual(before);
});

function roundTrip(engine: PlacementEngine): { engine: PlacementEngine } {
  const snapshot = engine.snapshot();
  const restored = PlacementEngine.restore(snapshot);
  expect(restored.engine.verify()).toEqual([]);
  expect(bytes(restored.engine.snapshot())).toEqual(bytes(snapshot));
  return restored;
}

/**
 * Slots that stay with their label for a while after their last task has left (`rebindAfterMs`).
 */
import { beforeEach, expect, test } from 'vitest';
import { PlacementEngine, type SlotDemand } from '../src/index.ts';

let engine: PlacementEngine;

beforeEach(() => {
  engine = new PlacementEngine({ resources: [{ name: 'nic', kind: 'set', rebindAfterMs: 10 }] });
  engine.addAgent({ resources: { nic: { slots: 1, unitsPerSlot: 2 } } });
});

const defined = (nic: SlotDemand) => engine.defineClass({ resources: { nic } });
const [red, blue, plain] = [{ units: 1, label: 'red' }, { units: 1, label: 'blue' }, { units: 1 }];

/** Leaves the slot bound to red and idle from this time on. */
function idleSince(nowMs: number): void {
  const handles = [engine.place(defined(red)), engine.place(defined({ ...red, units: 0 }))];
  engine.release(handles[0]);
  engine.advanceTo(nowMs);
  engine.release(handles[1]);
}

test('until the time has passed, tasks of the same label get the slot and no others', () => {
  idleSince(5);
  const feasible = () => [red, blue, plain].map((demand) => engine.find(defined(demand)) === 0);
  engine.advanceTo(14);
  expect(feasible()).toEqual([true, false, false]);
  engine.advanceTo(15);
  expect(feasible()).toEqual([true, true, true]);
});

test('whole slots wait too', () => {
  idleSince(0);
  expect([engine.find(defined({ label: 'blue' })), engine.find(defined({ label: 'red' }))]).toEqual([-1, 0]);
});

test('a class that is kept up to date sees that the time has passed', () => {
  engine.usePolicies({ structure: 'class-tree' });
  idleSince(5);
  const waiting = defined(blue);
  const find = () => engine.find(waiting);
  expect([find(), find()]).toEqual([-1, -1]);
  expect(engine.explainPlan(waiting).structure).toBe('class-tree');
  engine.advanceTo(14);
  expect(find()).toBe(-1);
  engine.advanceTo(15);
  expect(find()).toBe(0);
});

test('also when the wait began before a snapshot', () => {
  idleSince(5);
  const { engine: restored } = PlacementEngine.restore(engine.snapshot());
  const waiting = restored.defineClass({ resources: { nic: blue } });
  const find = () => restored.find(waiting);
  expect([find(), find()]).toEqual([-1, -1]);
  restored.advanceTo(15);
  expect(find()).toBe(0);
});

test('a task in between starts the wait anew', () => {
  idleSince(5);
  const handle = engine.place(defined(red));
  engine.advanceTo(20);
  expect(engine.find(defined(blue))).toBe(-1);
  engine.release(handle);
  expect(engine.find(defined(blue))).toBe(-1);
  engine.advanceTo(30);
  expect(engine.find(defined(blue))).toBe(0);
});

test('a rollback brings back since when the slot is idle', () => {
  idleSince(5);
  const before = new Uint8Array(engine.snapshot());
  engine.advanceTo(8);
  const later = new Uint8Array(engine.snapshot());
  expect(later).not.toEqual(before);
  engine.begin();
  engine.release(engine.place(defined(red)));
  engine.rollback();
  expect(new Uint8Array(engine.snapshot())).toEqual(later);
  engine.advanceTo(15);
  expect(engine.find(defined(blue))).toBe(0);
});

test('time does not go backwards, and not inside a transaction', () => {
  engine.advanceTo(5);
  expect(() => engine.advanceTo(4)).toThrow('INVALID_QUANTITY');
  expect(() => engine.advanceTo(5.5)).toThrow('INVALID_QUANTITY');
  engine.begin();
  expect(() => engine.advanceTo(6)).toThrow('TRANSACTION_OPEN');
  expect(engine.cluster.nowMs()).toBe(5);
});

/**
 * Requests that take no units of a slot: they share the slot and its label only.
 */
import { beforeEach, expect, test } from 'vitest';
import { PlacementEngine, type SlotDemand } from '../src/index.ts';

let engine: PlacementEngine;

beforeEach(() => {
  engine = new PlacementEngine({ resources: [{ name: 'nic', kind: 'set' }] });
  engine.addAgent({ resources: { nic: { slots: 2, unitsPerSlot: 2 } } });
});

const defined = (nic: SlotDemand) => engine.defineClass({ resources: { nic } });
/** Slots as a bit mask; undefined when there are none to be had. */
function slotsFor(nic: SlotDemand): number | undefined {
  const id = defined(nic);
  const { feasible } = engine.explain(id);
  const handle = engine.place(id);
  expect(handle >= 0).toBe(feasible === 1);
  return handle < 0 ? undefined : engine.slotsOf(handle, 'nic');
}

test('any number of them fits on a slot, also when all units are taken', () => {
  const sharing = { units: 0, label: 'red' };
  expect([slotsFor(sharing), slotsFor(sharing), slotsFor({ units: 2, label: 'red' })]).toEqual([1, 1, 1]);
  expect([slotsFor(sharing), slotsFor({ units: 1, label: 'red' })]).toEqual([1, 2]);
  expect(engine.verify()).toEqual([]);
});

test('they bind the slot: another label cannot have it', () => {
  const handle = engine.place(defined({ units: 0, slots: 2, label: 'red' }));
  expect([slotsFor({ units: 0, label: 'blue' }), slotsFor({ units: 1 })]).toEqual([undefined, undefined]);
  engine.release(handle);
  expect(slotsFor({ units: 0, label: 'blue' })).toBe(1);
});

test('without a label they share with others without one', () => {
  expect([slotsFor({ units: 0 }), slotsFor({ units: 1 }), slotsFor({ units: 0, slots: 2 })]).toEqual([
    1, 1, 3,
  ]);
  expect(slotsFor({ units: 0, label: 'red' })).toBeUndefined();
});

test('a slot that only they hold can still be had as a whole, under the same label', () => {
  const whole = { label: 'red' };
  expect(slotsFor({ units: 0, slots: 2, label: 'red' })).toBe(3);
  expect(slotsFor({ label: 'blue' })).toBeUndefined();
  const id = defined({ ...whole, slots: 2 });
  expect(engine.explain(id).feasible).toBe(1);
  expect(engine.slotsOf(engine.place(id), 'nic')).toBe(3);
  expect([slotsFor(whole), slotsFor({ units: 0, label: 'red' })]).toEqual([undefined, 1]);
  expect(engine.verify()).toEqual([]);
});

test('a rollback gives back the label that the slot had', () => {
  engine.release(engine.place(defined({ units: 1, slots: 2, label: 'blue' })));
  const before = new Uint8Array(engine.snapshot());
  engine.begin();
  slotsFor({ units: 0, slots: 2, label: 'red' });
  engine.rollback();
  expect(new Uint8Array(engine.snapshot())).toEqual(before);
});

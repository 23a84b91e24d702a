/**
 * Two-level resources by example: network interfaces with security groups, and shared GPUs.
 */
import { describe, expect, test } from 'vitest';
import { type FitnessCalculator, Scheduler, type SlotDemand } from '../src/index.ts';

function schedulerWith(set: string, slots: number, unitsPerSlot: number, agents = 1): Scheduler {
  const scheduler = new Scheduler({ resources: [{ name: set, kind: 'set', unitsPerWhole: 1000 }] });
  for (let i = 0; i < agents; i++)
    scheduler.addAgent({ id: `agent-${i}`, resources: { [set]: { slots, unitsPerSlot } } });
  return scheduler;
}

function slotsTaken(
  scheduler: Scheduler,
  set: string,
  id: string,
  demand: SlotDemand,
): readonly number[] | undefined {
  return scheduler.schedule([{ id, resources: { [set]: demand } }]).placements[0]?.slots[set];
}

describe('interfaces and security groups', () => {
  const eni = (id: string, label: string, units = 1) => [id, { label, units }] as const;

  test('a task joins the interface of its group before it binds another', () => {
    const scheduler = schedulerWith('eni', 3, 2);
    expect(slotsTaken(scheduler, 'eni', ...eni('a', 'sg-1'))).toEqual([0]);
    expect(slotsTaken(scheduler, 'eni', ...eni('b', 'sg-2'))).toEqual([1]);
    expect(slotsTaken(scheduler, 'eni', ...eni('c', 'sg-1'))).toEqual([0]);
    expect(slotsTaken(scheduler, 'eni', ...eni('d', 'sg-1'))).toEqual([2]);
    expect(slotsTaken(scheduler, 'eni', ...eni('e', 'sg-3'))).toBeUndefined();
  });

  test('an idle interface keeps its group: the same group takes it first, another only when nothing is unbound', () => {
    const scheduler = schedulerWith('eni', 3, 2);
    slotsTaken(scheduler, 'eni', ...eni('a', 'sg-1'));
    slotsTaken(scheduler, 'eni', ...eni('b', 'sg-2'));
    scheduler.release('a');
    scheduler.release('b');
    expect(slotsTaken(scheduler, 'eni', ...eni('c', 'sg-2'))).toEqual([1]);
    expect(slotsTaken(scheduler, 'eni', ...eni('d', 'sg-3'))).toEqual([2]);
    expect(slotsTaken(scheduler, 'eni', ...eni('e', 'sg-4'))).toEqual([0]);
  });

  test('rolling back a re-binding restores the old group', () => {
    const scheduler = schedulerWith('eni', 1, 2);
    slotsTaken(scheduler, 'eni', ...eni('a', 'sg-1'));
    scheduler.release('a');
    const before = new Uint8Array(scheduler.snapshot());
    scheduler.whatIf(() => expect(slotsTaken(scheduler, 'eni', ...eni('b', 'sg-2'))).toEqual([0]));
    expect(new Uint8Array(scheduler.snapshot())).toEqual(before);
  });

  test('a request without label does not join a labelled interface in use', () => {
    const scheduler = schedulerWith('eni', 1, 2);
    slotsTaken(scheduler, 'eni', ...eni('a', 'sg-1'));
    expect(slotsTaken(scheduler, 'eni', 'b', { units: 1 })).toBeUndefined();
  });
});

describe('shared GPUs', () => {
  test('shares go to the tightest device that fits, whole devices to idle ones', () => {
    const scheduler = schedulerWith('gpu', 4, 1);
    expect(slotsTaken(scheduler, 'gpu', 'a', { units: 0.5 })).toEqual([0]);
    expect(slotsTaken(scheduler, 'gpu', 'b', { units: 0.7 })).toEqual([1]);
    expect(slotsTaken(scheduler, 'gpu', 'c', { units: 0.3 })).toEqual([1]);
    expect(slotsTaken(scheduler, 'gpu', 'd', { slots: 2 })).toEqual([2, 3]);
    expect(slotsTaken(scheduler, 'gpu', 'e', { slots: 1 })).toBeUndefined();
    expect(slotsTaken(scheduler, 'gpu', 'f', { units: 0.5 })).toEqual([0]);
  });

  test('several slots with a part of each are possible', () => {
    const scheduler = schedulerWith('gpu', 3, 1);
    slotsTaken(scheduler, 'gpu', 'a', { units: 0.75 });
    expect(slotsTaken(scheduler, 'gpu', 'b', { slots: 2, units: 0.5 })).toEqual([1, 2]);
    expect(slotsTaken(scheduler, 'gpu', 'c', { slots: 3, units: 0.25 })).toEqual([0, 1, 2]);
    scheduler.release('b');
    expect(scheduler.verify()).toEqual([]);
  });

  test('a slot fitness decides among the eligible slots', () => {
    const emptiestSlot: FitnessCalculator = {
      name: 'any agent, emptiest slot',
      bind: () => ({ scoreInto: (_rows, count, scores) => scores.fill(0, 0, count) }),
      slotFitness: {
        name: 'emptiest slot',
        bind(cluster) {
          const { unitsFree, maxSlots } = cluster.slots('gpu');
          return { score: (row, _set, slot) => unitsFree[row * maxSlots + slot] };
        },
      },
    };
    const scheduler = new Scheduler({
      resources: [{ name: 'gpu', kind: 'set', unitsPerWhole: 1000 }],
      fitness: emptiestSlot,
    });
    scheduler.addAgent({ id: 'a', resources: { gpu: { slots: 2, unitsPerSlot: 1 } } });
    expect(slotsTaken(scheduler, 'gpu', 'a', { units: 0.25 })).toEqual([0]);
    expect(slotsTaken(scheduler, 'gpu', 'b', { units: 0.25 })).toEqual([1]);
  });

  test('agents with more slots than any before widen the columns and keep what is placed', () => {
    const scheduler = schedulerWith('gpu', 2, 1, 3);
    slotsTaken(scheduler, 'gpu', 'a', { slots: 2 });
    scheduler.addAgent({ id: 'big', resources: { gpu: { slots: 16, unitsPerSlot: 1 } } });
    expect(slotsTaken(scheduler, 'gpu', 'b', { slots: 16 })).toHaveLength(16);
    expect(scheduler.agentOf('a')).toBe('agent-0');
    expect(scheduler.verify()).toEqual([]);
  });
});

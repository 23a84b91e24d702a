import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventQueue } from '../../src/cell/event-queue.ts';
import { VirtualClock } from '../../src/cell/virtual-clock.ts';

describe('the event queue', () => {
  test('gives events by time, those of one moment in the order in which they came', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5)), (times) => {
        const queue = new EventQueue();
        const happened: number[] = [];
        times.forEach((atMs, i) => queue.add(atMs, () => happened.push(i)));
        for (let event = queue.takeUntil(5); event !== undefined; event = queue.takeUntil(5)) event.action!();
        const expected = times.map((_, i) => i).sort((a, b) => times[a] - times[b] || a - b);
        expect(happened).toEqual(expected);
      }),
    );
  });

  test('gives nothing that is not due, and passes over what was called off', () => {
    const queue = new EventQueue();
    const first = queue.add(1, () => undefined);
    const second = queue.add(2, () => undefined);
    first.action = undefined;
    expect(queue.takeUntil(1)).toBe(undefined);
    expect(queue.takeUntil(2)).toBe(second);
  });
});

describe('the virtual clock', () => {
  test('stands at the time of each event while it happens, and at the end when there are no more', () => {
    const clock = new VirtualClock(100);
    const seen: number[] = [];
    clock.after(5, () => {
      seen.push(clock.nowMs());
      clock.after(2.5, () => seen.push(clock.nowMs()));
    });
    while (clock.step(200));
    expect(seen).toEqual([105, 108]);
    expect(clock.nowMs()).toBe(200);
    expect(clock.happened).toBe(2);
  });

  test('lets what lies in the past happen now, and nothing that was called off', () => {
    const clock = new VirtualClock(100);
    const seen: string[] = [];
    clock.at(3, () => seen.push(`past at ${clock.nowMs()}`));
    clock.after(1, () => seen.push('called off'))();
    while (clock.step(110));
    expect(seen).toEqual(['past at 100']);
  });
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { acceptedTask } from '../../src/machine/task-life.ts';
import { SlotsDraft } from '../../src/model/slots-draft.ts';
import type { TaskRecord } from '../../src/model/task-record.ts';
import { NO_SLOTS, taskAt, type TaskSlots, tasksIn } from '../../src/model/task-slots.ts';

interface Write {
  readonly index: number;
  /** Undefined empties the slot, Infinity stands for a task that does not wait. */
  readonly replaceAtMs: number | undefined;
}

const writes: fc.Arbitrary<Write[]> = fc.array(
  fc.record({
    index: fc.nat(130),
    replaceAtMs: fc.option(fc.oneof(fc.nat(9), fc.constant(Infinity)), { nil: undefined }),
  }),
  { maxLength: 60 },
);

function task(index: number, replaceAtMs: number): TaskRecord {
  return {
    ...acceptedTask('job', index, index, 'created', 0),
    replaceAtMs: Number.isFinite(replaceAtMs) ? replaceAtMs : undefined,
  };
}

function write(slots: TaskSlots, plain: (TaskRecord | undefined)[], what: readonly Write[]): SlotsDraft {
  const draft = new SlotsDraft(slots);
  for (const { index, replaceAtMs } of what) {
    plain[index] = replaceAtMs === undefined ? undefined : task(index, replaceAtMs);
    draft.put(index, plain[index]);
  }
  return draft;
}

it('slots are an array of tasks, and a value: what was before a draft stays as it was', () => {
  fc.assert(
    fc.property(writes, writes, (first, second) => {
      const plain: (TaskRecord | undefined)[] = [];
      const before = write(NO_SLOTS, plain, first).seal();
      const old = plain.slice();
      const draft = write(before, plain, second);
      const present = plain.filter((one) => one !== undefined);
      expect([...draft.tasks()]).toEqual(present);
      const after = draft.seal();
      expect([...tasksIn(after)]).toEqual(present);
      for (let index = 0; index < 140; index++) {
        expect(taskAt(before, index)).toBe(old[index]);
        expect(taskAt(after, index)).toBe(plain[index]);
      }
    }),
  );
});

it('a search for an opening finds the lowest index that is free or due, in open and closed chunks', () => {
  fc.assert(
    fc.property(
      writes,
      writes,
      fc.nat(140),
      fc.boolean(),
      fc.nat(10),
      (first, second, from, orFree, nowMs) => {
        const plain: (TaskRecord | undefined)[] = [];
        const draft = write(write(NO_SLOTS, plain, first).seal(), plain, second);
        const isOpening = (one: TaskRecord | undefined): boolean =>
          one === undefined ? orFree : (one.replaceAtMs ?? Infinity) <= nowMs;
        let expected = from;
        while (expected < plain.length && !isOpening(plain[expected])) expected++;
        if (expected >= plain.length && !orFree) expected = -1;
        expect(draft.nextOpening(from, orFree, nowMs)).toBe(expected);
      },
    ),
    { numRuns: 500 },
  );
});

/**
 * Lists of holders against maps: every list has the slots that it must have, each with what was written for it, however
 * spans are exchanged.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FIRST_FREE, HolderLists, ROW, SECOND_FREE, STEPS, WORDS } from '../src/structures/holder-lists.ts';

const SLOTS = 600;
const LABELS = 90;

function listed(lists: HolderLists, label: number): number[][] {
  const start = lists.startOf(label);
  return Array.from({ length: lists.sizeOf(label) }, (_, i) => {
    const at = start + i * WORDS;
    return [ROW, STEPS, FIRST_FREE, SECOND_FREE].map((word) => lists.words[at + word]);
  });
}

test('lists are as they were written', () => {
  fc.assert(
    fc.property(
      // Few labels among those that are often met make lists long, so that spans are exchanged and used again.
      fc.array(fc.tuple(fc.nat(SLOTS - 1), fc.oneof(fc.nat(2), fc.nat(LABELS - 1))), {
        maxLength: 1500,
        size: 'max',
      }),
      (steps) => {
        const lists = new HolderLists(SLOTS);
        const labelOf = new Map<number, number>();
        steps.forEach(([slot, label], i) => {
          const before = labelOf.get(slot);
          if (before !== undefined) {
            lists.remove(before, slot);
            labelOf.delete(slot);
          } else {
            const at = lists.add(label, slot, slot + 1000);
            lists.words.set([i, slot, label], at);
            expect([lists.words[at + STEPS], lists.words[at + ROW]]).toEqual([i, slot + 1000]);
            labelOf.set(slot, label);
          }
        });
        expect(lists.total).toBe(labelOf.size);
        for (let label = 0; label < LABELS; label++) {
          const slots = [...labelOf].filter(([, other]) => other === label).map(([slot]) => slot);
          const found = listed(lists, label).sort(([a], [b]) => a - b);
          expect(found.map(([row]) => row)).toEqual(slots.map((slot) => slot + 1000).sort((a, b) => a - b));
          for (const [row, , first, second] of found) expect([first, second]).toEqual([row - 1000, label]);
        }
        for (let slot = 0; slot < SLOTS; slot++) {
          const at = lists.wordsOf[slot];
          expect(at < 0 ? undefined : lists.words[at + ROW] - 1000).toBe(
            labelOf.has(slot) ? slot : undefined,
          );
        }
      },
    ),
    { numRuns: 30 },
  );
});

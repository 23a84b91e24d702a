import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserRanges } from '../../src/runc/user-ranges.ts';

test('never gives a range twice, and gives all of them', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant(-1), fc.nat(4))), fc.array(fc.nat(4)), (steps, adopted) => {
      const ranges = new UserRanges({ firstId: 1_000, size: 10, count: 5 });
      const used = new Set(adopted);
      for (const index of adopted) ranges.adopt(index);
      for (const step of steps) {
        if (step >= 0) {
          used.delete(step);
          ranges.free(step);
        } else if (used.size === 5) expect(() => ranges.take()).toThrow(/in use/);
        else {
          const { index, firstId, size } = ranges.take();
          expect(used.has(index)).toBe(false);
          expect([firstId, size]).toEqual([1_000 + index * 10, 10]);
          used.add(index);
        }
      }
    }),
  );
});

test.each([{ firstId: 0 }, { size: 0.5 }, { count: -1 }, { firstId: 2 ** 32 - 2 }])(
  'refuses %j',
  (options) => {
    expect(() => new UserRanges(options)).toThrow(/INVALID_OPTION/);
  },
);

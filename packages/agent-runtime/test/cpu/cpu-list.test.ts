import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ascending, formatCpuList, parseCpuList } from '../../src/cpu/cpu-list.ts';

describe('lists of CPUs', () => {
  it('reads what the kernel writes', () => {
    expect(parseCpuList('0-3,8\n')).toEqual([0, 1, 2, 3, 8]);
    expect(parseCpuList('\n')).toEqual([]);
    expect(parseCpuList('5')).toEqual([5]);
  });

  it('writes runs as ranges', () => {
    expect(formatCpuList([8, 2, 1, 0, 10])).toBe('0-2,8,10');
    expect(formatCpuList([])).toBe('');
  });

  it('refuses what is no list', () => {
    for (const text of ['a', '1-', '-1', '1 2', '0x1'])
      expect(() => parseCpuList(text), text).toThrow(/no list/);
  });

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(200)), (cpus) => {
        expect(parseCpuList(formatCpuList(cpus))).toEqual(ascending(cpus));
      }),
    );
  });
});

import fc from 'fast-check';
import type { CpuMode, TaskSpec } from '@stowage/protocol';
import { describe, expect, it } from 'vitest';
import { cpuLimits } from '../../src/cpu/cpu-limits.ts';

function task(cpuMilli: number, cpuMode?: CpuMode): TaskSpec {
  return {
    taskId: 't',
    image: { kind: 'folder', path: '/' },
    resources: { cpuMilli, memoryMiB: 64 },
    ...(cpuMode !== undefined && { cpuMode }),
  };
}

describe('weights and quotas', () => {
  it('gives burst tasks a weight and no quota', () => {
    expect(cpuLimits(task(2000), [0, 1])).toEqual({ shares: 200, periodMicros: 100_000, cpus: [0, 1] });
    expect(cpuLimits(task(1, 'burst'), undefined)).toEqual({ shares: 2, periodMicros: 100_000 });
  });

  it('gives static tasks the quota they ask for', () => {
    expect(cpuLimits(task(1500, 'static'), undefined)).toEqual({
      shares: 150,
      quotaMicros: 150_000,
      periodMicros: 100_000,
    });
    expect(cpuLimits(task(1, 'static'), undefined)).toMatchObject({
      quotaMicros: 1000,
      periodMicros: 1_000_000,
    });
  });

  it('stays within what the kernel takes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), (cpuMilli) => {
        const { shares, quotaMicros, periodMicros } = cpuLimits(task(cpuMilli, 'static'), undefined);
        expect(shares).toBeGreaterThanOrEqual(2);
        expect(shares).toBeLessThanOrEqual(262_144);
        expect(quotaMicros).toBeGreaterThanOrEqual(1000);
        expect(periodMicros).toBeLessThanOrEqual(1_000_000);
        expect((quotaMicros! / periodMicros) * 1000).toBeCloseTo(cpuMilli, 6);
      }),
    );
  });
});

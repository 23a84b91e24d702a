import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GroupLimits } from '../src/index.ts';
import { codeOf } from './helpers.ts';

describe('GroupLimits', () => {
  it('holds the first task of a group to the limit too', () => {
    const limits = new GroupLimits({ limits: { app: { cpu: 2 } } });
    expect(limits.refusal('app', { cpu: 4 })).toMatchObject({ code: 'ABOVE_GROUP_LIMIT', resource: 'cpu' });
  });

  it('refuses every task of a group whose limits are 0, each with a reason', () => {
    const limits = new GroupLimits({ limits: { app: { cpu: 0, memory: 0 } } });
    const codes = [1, 2, 3].map(() => limits.refusal('app', { cpu: 1, memory: 1 })?.code);
    expect(codes).toEqual(Array(3).fill('ABOVE_GROUP_LIMIT'));
    expect(limits.admits('app', { disk: 5 })).toBe(true);
  });

  it('adds, replaces and removes limits, which take effect at once', () => {
    const limits = new GroupLimits();
    limits.take('app', { cpu: 3 });
    limits.setLimit('app', { cpu: 3.5 });
    expect([limits.groups(), limits.limitOf('app'), limits.limitOf('other')]).toEqual([
      ['app'],
      { cpu: 3.5 },
      undefined,
    ]);
    expect([limits.admits('app', { cpu: 0.5 }), limits.admits('app', { cpu: 0.501 })]).toEqual([true, false]);
    limits.setLimit('app', { cpu: 1 });
    expect(limits.admits('app', { cpu: 0.001 })).toBe(false);
    limits.setLimit('other', {});
    expect([limits.removeLimit('app'), limits.removeLimit('app')]).toEqual([true, false]);
    expect(limits.refusal('app', {})?.reason).toMatch(/^GROUP_WITHOUT_LIMIT: group "app" has no limit/);
    limits.removeLimit('other');
    expect(limits.admits('app', { cpu: 1000 })).toBe(true);
    expect(limits.used('app')).toEqual({ cpu: 3 });
  });

  it('a limit that cannot be read leaves the old one', () => {
    const limits = new GroupLimits({ limits: { app: { cpu: 2 } } });
    expect(codeOf(() => limits.setLimit('app', { cpu: -1 }))).toBe('INVALID_QUANTITY');
    expect(codeOf(() => limits.setLimit('app', { cores: 1 }))).toBe('UNKNOWN_RESOURCE');
    expect(limits.limitOf('app')).toEqual({ cpu: 2 });
  });

  it('gives back no more than was taken, and nothing of it when one resource is short', () => {
    const limits = new GroupLimits();
    limits.take('app', { cpu: 2, memory: 5 });
    expect(codeOf(() => limits.release('app', { cpu: 1, memory: 6 }))).toBe('GROUP_USE_BELOW_ZERO');
    expect(limits.used('app')).toEqual({ cpu: 2, memory: 5 });
    limits.release('app', { cpu: 2, memory: 5 });
    expect(limits.used('app')).toEqual({});
    expect(codeOf(() => limits.release('app', { cpu: 1 }))).toBe('GROUP_USE_BELOW_ZERO');
  });

  it('admits exactly while the sum of what runs stays within the limit', () => {
    const step = fc.record({ cpu: fc.nat({ max: 30 }), memory: fc.nat({ max: 9 }), release: fc.boolean() });
    fc.assert(
      fc.property(fc.nat({ max: 200 }), fc.nat({ max: 40 }), fc.array(step), (cpu, memory, steps) => {
        const limits = new GroupLimits({ limits: { app: { cpu: cpu / 1000, memory } } });
        const running: { cpu: number; memory: number }[] = [];
        for (const { release, ...units } of steps) {
          const task = { cpu: units.cpu / 1000, memory: units.memory };
          const sum = (key: 'cpu' | 'memory'): number => running.reduce((total, one) => total + one[key], 0);
          const fits = (asked: number, used: number, limit: number): boolean =>
            asked === 0 || used + asked <= limit;
          const expected = fits(units.cpu, sum('cpu'), cpu) && fits(units.memory, sum('memory'), memory);
          expect(limits.admits('app', task)).toBe(expected);
          if (expected) {
            limits.take('app', task);
            running.push(units);
          } else if (release && running.length > 0) {
            const ended = running.shift()!;
            limits.release('app', { cpu: ended.cpu / 1000, memory: ended.memory });
          }
          expect(limits.used('app').cpu ?? 0).toBe(sum('cpu') / 1000);
        }
      }),
    );
  });
});

/** Mass kills of stuck tasks are held back, and every one gets its turn. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StuckGuard } from '../../src/manager/stuck-guard.ts';

describe('StuckGuard', () => {
  test('as many as the capacity go at once, the next ones when their token is due', () => {
    const guard = new StuckGuard({ capacity: 2, refillPerSecond: 4 });
    const delays = ['a', 'b', 'c', 'd'].map((id) => guard.delayUntilMs(id, 1000));
    expect(delays).toEqual([undefined, undefined, 1250, 1500]);
    expect(guard.delayUntilMs('c', 1249)).toBe(1250);
    expect(guard.delayUntilMs('c', 1250)).toBeUndefined();
  });

  test('a task that comes later does not overtake one that was promised a token', () => {
    const guard = new StuckGuard({ capacity: 1, refillPerSecond: 1 });
    expect(guard.delayUntilMs('a', 0)).toBeUndefined();
    expect(guard.delayUntilMs('b', 0)).toBe(1000);
    expect(guard.delayUntilMs('c', 1000)).toBe(2000);
    expect(guard.delayUntilMs('b', 1000)).toBeUndefined();
  });

  test('what was promised to a task that has gone on is free for others', () => {
    const guard = new StuckGuard({ capacity: 1, refillPerSecond: 1 });
    guard.delayUntilMs('a', 0);
    guard.delayUntilMs('b', 0);
    guard.forget('b');
    expect(guard.delayUntilMs('c', 1000)).toBeUndefined();
  });

  test('those who all come too late do not all go at once', () => {
    const guard = new StuckGuard({ capacity: 2, refillPerSecond: 1 });
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    expect(ids.map((id) => guard.delayUntilMs(id, 0))).toEqual([
      undefined,
      undefined,
      1000,
      2000,
      3000,
      4000,
    ]);
    const late = ids.slice(2).map((id) => guard.delayUntilMs(id, 60_000));
    expect(late).toEqual([undefined, undefined, 62_000, 62_000]);
    expect(guard.delayUntilMs('f', 62_000)).toBeUndefined();
    expect(guard.delayUntilMs('e', 62_000)).toBeUndefined();
  });

  test('a clock that goes back and forth refills nothing twice', () => {
    const guard = new StuckGuard({ capacity: 10, refillPerSecond: 1 });
    for (let i = 0; i < 10; i++) guard.delayUntilMs(`a${i}`, 100_000);
    guard.delayUntilMs('b', 0);
    expect(guard.delayUntilMs('c', 100_000)).toBe(102_000);
  });

  test('in no stretch of time more go than the capacity and what was refilled, and all go in the end', () => {
    const asks = fc.array(fc.record({ waitMs: fc.nat(3000), task: fc.nat(30) }), {
      maxLength: 100,
      size: 'max',
    });
    const options = fc.record({
      capacity: fc.integer({ min: 1, max: 5 }),
      refillPerSecond: fc.constantFrom(1, 4),
    });
    fc.assert(
      fc.property(options, asks, (settings, steps) => {
        const guard = new StuckGuard(settings);
        const kills: number[] = [];
        const waiting = new Map<string, number>();
        const ask = (id: string, nowMs: number): void => {
          const atMs = guard.delayUntilMs(id, nowMs);
          if (atMs === undefined) {
            kills.push(nowMs);
            waiting.delete(id);
          } else waiting.set(id, atMs);
        };
        let nowMs = 0;
        for (const { waitMs, task } of steps) ask(`t${task}`, (nowMs += waitMs));
        while (waiting.size > 0) {
          const [[id, atMs]] = [...waiting].sort(([, a], [, b]) => a - b);
          ask(id, (nowMs = Math.max(nowMs, atMs)));
        }
        const { capacity, refillPerSecond } = settings;
        const most = (stretchMs: number): number => (stretchMs / 1000) * refillPerSecond + capacity + 1e-6;
        const tooMany = kills.filter((from, i) =>
          kills.some((to, j) => j >= i && j - i + 1 > most(to - from)),
        );
        expect(tooMany).toEqual([]);
      }),
    );
  });

  test.each([{ capacity: 0 }, { capacity: 1.5 }, { refillPerSecond: 0 }, { refillPerSecond: Infinity }])(
    'bad options %o are refused',
    (options) => {
      expect(() => new StuckGuard(options)).toThrow(/^INVALID_JOB_OPTION: /);
    },
  );
});

/** Which failed tasks call for agents, when, and how often. */
import { describe, expect, test } from 'vitest';
import { type AutoScalerOptions, dominantShortfall, type FailedTask } from '../src/index.ts';
import { agents, failed, inShort, rule, scalerOf } from './pool-fixtures.ts';

describe('failures that count', () => {
  test('each task counts once per retry window, and only when agents were asked for it', () => {
    const scaler = scalerOf([rule({ maxSize: 2 })], { retryMs: 1000 });
    const decide = (full: number, nowMs: number): string[] =>
      inShort(
        scaler.evaluate(
          { agents: agents(full, { idle: false }), failedTasks: failed(1), starting: { p: 0 } },
          nowMs,
        ).decisions,
      );
    expect(decide(2, 1)).toEqual([]);
    expect(decide(1, 2)).toEqual(['+1']);
    expect(decide(1, 1002)).toEqual([]);
    expect(decide(1, 1003)).toEqual(['+1']);
  });

  test('a task that waits for a delay is not counted before it is served', () => {
    const scaler = scalerOf([rule({ scaleUpDelayMs: 100 })]);
    const at = (nowMs: number): string[] =>
      inShort(scaler.evaluate({ agents: [], failedTasks: failed(2) }, nowMs).decisions);
    expect([at(1), at(101), at(102)]).toEqual([[], [], ['+2']]);
  });

  test('some kinds never call for agents, some only past the service level objective', () => {
    const counts = (more: Partial<FailedTask>, options: AutoScalerOptions = {}): boolean =>
      scalerOf([rule()], options).evaluate({ agents: [], failedTasks: failed(1, more) }, 400_000).decisions
        .length === 1;
    expect(counts({ kind: 'job-hard-constraint', waitingSinceMs: 400_000 })).toBe(true);
    for (const kind of ['above-capacity-limit', 'waiting-for-in-use-ip', 'opportunistic-resource'])
      expect(counts({ kind })).toBe(false);
    expect(counts({ kind: 'launch-guard', waitingSinceMs: 100_000 })).toBe(false);
    expect(counts({ kind: 'launch-guard', waitingSinceMs: 99_999 })).toBe(true);
    expect(counts({ kind: 'launch-guard', waitingSinceMs: 399_900, sloMs: 50 })).toBe(true);
    expect(counts({ kind: 'own' }, { failures: { neverTrigger: ['own'] } })).toBe(false);
    expect(counts({ kind: 'own' }, { failures: { transient: ['own'], taskSloMs: 500_000 } })).toBe(false);
  });

  test('a task that is pinned to an agent calls for no other', () => {
    const pinned = failed(1, { task: { id: 't', resources: {}, agent: 'host' } });
    expect(scalerOf([rule()]).evaluate({ agents: [], failedTasks: pinned }, 1).decisions).toEqual([]);
  });

  test('those that wait longest get the room there is, then the lowest id', () => {
    const template = { resources: { cpu: 1 } };
    const scaler = scalerOf([rule({ maxSize: 2, template })], { shortfall: dominantShortfall() });
    const waiting = (
      [
        ['b', 5],
        ['a', 5],
        ['c', 3],
        ['d', 7],
      ] as const
    ).flatMap(([id, waitingSinceMs]) => failed(1, { waitingSinceMs, task: { id, resources: { cpu: 1 } } }));
    const { counted } = scaler.evaluate({ agents: [], failedTasks: waiting, starting: { p: 0 } }, 10);
    expect(counted).toEqual(['a', 'c']);
  });

  test('pools with a smaller priority get the tasks first, whatever their names', () => {
    const template = { resources: { cpu: 1 } };
    const rules = [
      rule({ pool: 'a', template }),
      rule({ pool: 'b', template, priority: -1, maxSize: 1 }),
      rule({ pool: 'c', template }),
    ];
    const waiting = failed(3).map(({ task, ...rest }) => ({
      ...rest,
      task: { ...task, resources: { cpu: 1 } },
    }));
    const { decisions } = scalerOf(rules, { shortfall: dominantShortfall() }).evaluate(
      { agents: [], failedTasks: waiting },
      1,
    );
    expect(decisions).toMatchObject([
      { pool: 'a', count: 2 },
      { pool: 'b', count: 1 },
    ]);
  });

  test('names of pools without a rule are passed over', () => {
    const scaler = scalerOf([rule()]);
    const input = { agents: [], failedTasks: failed(1, { pools: ['unknown'] }) };
    expect(scaler.evaluate(input, 1).decisions).toEqual([]);
  });
});

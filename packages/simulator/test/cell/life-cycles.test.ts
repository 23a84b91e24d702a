import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chanceOf, drawMs } from '../../src/cell/chance.ts';
import { glob } from '../../src/cell/glob.ts';
import { type LifeFacts, LifeCycles } from '../../src/cell/life-cycles.ts';
import type { LifeCycleSelector } from '../../src/cell/life-cycle-script.ts';

const FACTS: LifeFacts = {
  taskId: 'web-1.4',
  jobId: 'web-1',
  kind: 'service',
  index: 4,
  resubmits: 1,
  agentId: 'critical-00002',
  zone: 'b',
};

/** Whether a selector fits the facts, seen by the life that follows. */
function fits(selector: LifeCycleSelector): boolean {
  return new LifeCycles([{ selector, launched: { delayMs: 77 } }], 1).lifeOf(FACTS).launched.delayMs === 77;
}

describe('selectors', () => {
  test.each<[LifeCycleSelector, boolean]>([
    [{}, true],
    [{ job: 'web-*' }, true],
    [{ job: 'web' }, false],
    [{ kind: 'service' }, true],
    [{ kind: 'batch' }, false],
    [{ indexes: { from: 0 } }, true],
    [{ indexes: { from: 0, step: 2 } }, true],
    [{ indexes: { from: 1, step: 2 } }, false],
    [{ indexes: { from: 0, to: 3 } }, false],
    [{ resubmits: [0, 1] }, true],
    [{ resubmits: [0] }, false],
    [{ zones: ['a'] }, false],
    [{ zones: ['a', 'b'] }, true],
    [{ agents: '*-00002' }, true],
    [{ agents: 'flex-*' }, false],
    [{ job: 'web-*', zones: ['a'] }, false],
  ])('%o fits: %s', (selector, expected) => {
    expect(fits(selector)).toBe(expected);
  });

  test('the first rule that fits holds', () => {
    const rules = [
      { selector: { job: 'other' }, launched: { delayMs: 1 } },
      { selector: { job: 'web*' }, launched: { delayMs: 2 } },
      { launched: { delayMs: 3 } },
    ];
    expect(new LifeCycles(rules, 1).lifeOf(FACTS).launched.delayMs).toBe(2);
  });
});

describe('lives', () => {
  test('without a rule services run on and batch tasks end after a minute', () => {
    const lives = new LifeCycles([], 1);
    expect(lives.lifeOf(FACTS).started).toEqual({ delayMs: undefined, then: 'continue' });
    expect(lives.lifeOf({ ...FACTS, kind: 'batch' }).started).toEqual({ delayMs: 60_000, then: 'continue' });
  });

  test('an end has the exit code that goes with its reason, unless the script says another', () => {
    const end = (action: { finish: 'out-of-memory'; exitCode?: number }) =>
      new LifeCycles([{ started: { delayMs: 1, action } }], 1).lifeOf(FACTS).started.then;
    expect(end({ finish: 'out-of-memory' })).toEqual({ reason: 'out-of-memory', exitCode: 137 });
    expect(end({ finish: 'out-of-memory', exitCode: 3 })).toEqual({ reason: 'out-of-memory', exitCode: 3 });
  });

  test('an action happens as often as its probability says', () => {
    const started = { delayMs: 1, action: { finish: 'failed' as const }, probability: 0.3 };
    const lives = new LifeCycles([{ started }], 7);
    const failed = Array.from({ length: 4_000 }, (_, i) =>
      lives.lifeOf({ ...FACTS, taskId: `t.${i}` }),
    ).filter(({ started: { then } }) => typeof then === 'object');
    expect(failed.length / 4_000).toBeCloseTo(0.3, 1);
  });

  test('depend on seed and task id only', () => {
    const rules = [{ started: { delayMs: { kind: 'exponential' as const, meanMs: 1e6 } } }];
    const life = (seed: number, taskId: string, agentId: string) =>
      new LifeCycles(rules, seed).lifeOf({ ...FACTS, taskId, agentId }).started.delayMs;
    expect(life(1, 't.1', 'a')).toBe(life(1, 't.1', 'b'));
    expect(life(1, 't.1', 'a')).not.toBe(life(2, 't.1', 'a'));
    expect(life(1, 't.1', 'a')).not.toBe(life(1, 't.2', 'a'));
  });
});

describe('durations', () => {
  const mean = (duration: Parameters<typeof drawMs>[0]) => {
    const random = chanceOf(3, 'durations');
    const draws = Array.from({ length: 20_000 }, () => drawMs(duration, random));
    return { mean: draws.reduce((sum, ms) => sum + ms, 0) / draws.length, draws };
  };

  test('have the mean or median that they should', () => {
    expect(mean({ kind: 'uniform', fromMs: 1_000, toMs: 3_000 }).mean / 2_000).toBeCloseTo(1, 1);
    expect(mean({ kind: 'exponential', meanMs: 5_000 }).mean / 5_000).toBeCloseTo(1, 1);
    const { draws } = mean({ kind: 'lognormal', medianMs: 4_000, sigma: 1.2 });
    expect(draws.sort((a, b) => a - b)[10_000] / 4_000).toBeCloseTo(1, 1);
  });

  test('are whole milliseconds within their bounds', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(1_000), fc.nat(1_000), (seed, fromMs, span) => {
        const random = chanceOf(seed, 'bounds');
        const drawn = drawMs({ kind: 'uniform', fromMs, toMs: fromMs + span }, random);
        const capped = drawMs({ kind: 'lognormal', medianMs: 500, sigma: 3, maxMs: 900 }, random);
        expect(Number.isInteger(drawn) && drawn >= fromMs && drawn <= fromMs + span).toBe(true);
        expect(Number.isInteger(capped) && capped >= 0 && capped <= 900).toBe(true);
      }),
    );
  });
});

test('a glob takes every character but * literally', () => {
  expect(glob('a.b*')('a.bcd')).toBe(true);
  expect(glob('a.b*')('axbcd')).toBe(false);
  expect(glob('*-1')('web-1')).toBe(true);
  expect(glob('*-1')('web-11')).toBe(false);
  expect(glob('*')('')).toBe(true);
});

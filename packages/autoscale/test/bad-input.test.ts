/** Every door refuses what is wrong with a code, and a call that throws has changed nothing. */
import { Scheduler, StowageError } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import {
  AgentRemovals,
  AUTOSCALE_ERRORS,
  AutoScaler,
  balancedByAttribute,
  balancedEvaluator,
  classifyFailure,
  criticalTier,
  exactShortfall,
  flexiblePool,
  guaranteedSizes,
  inactiveFirst,
  weightedScaleDown,
  whatIfShortfall,
} from '../src/index.ts';

const RULE = { pool: 'p', minIdle: 1, maxIdle: 2, coolDownMs: 0 };
const AGENT = { id: 'a', pool: 'p', idle: true };
const TASK = { task: { id: 't', resources: {} }, kind: 'k', waitingSinceMs: 0 };
const ANY = undefined as unknown;
const provoked = new Set<string>();

/** The code that a call throws. */
function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (!(error instanceof StowageError)) throw error;
    expect(error.message.length).toBeGreaterThan(error.code.length + 10);
    provoked.add(error.code);
    return error.code;
  }
  return 'none';
}

describe('rules', () => {
  test.each([
    null,
    'p',
    [],
    {},
    { ...RULE, pool: '' },
    { ...RULE, pool: 7 },
    { ...RULE, minIdle: -1 },
    { ...RULE, minIdle: 1.5 },
    { ...RULE, minIdle: NaN },
    { ...RULE, minIdle: ANY },
    { ...RULE, maxIdle: Infinity },
    { ...RULE, minIdle: 3 },
    { ...RULE, minSize: '1' },
    { ...RULE, minSize: 3, maxSize: 2 },
    { ...RULE, maxSize: -1 },
    { ...RULE, maxSize: NaN },
    { ...RULE, coolDownMs: -1 },
    { ...RULE, coolDownMs: Infinity },
    { ...RULE, scaleUpDelayMs: NaN },
    { ...RULE, scaleDownDelayMs: -5 },
    { ...RULE, idleGraceMs: '900' },
    { ...RULE, priority: NaN },
    { ...RULE, isTooSmall: true },
    { ...RULE, adjustShortfall: null },
    { ...RULE, template: {} },
    { ...RULE, template: { resources: { cpu: -1 } } },
    { ...RULE, template: { resources: { cpu: '4' } } },
    { ...RULE, template: { resources: {}, attributes: { a: { b: { c: { d: { e: {} } } } } } } },
  ])('%j is refused by the constructor, addRule and replaceRule', (rule) => {
    const bad = rule as typeof RULE;
    expect(codeOf(() => new AutoScaler({ rules: [bad] }))).toBe('INVALID_POOL_RULE');
    const scaler = new AutoScaler({ rules: [RULE] });
    expect(codeOf(() => scaler.addRule(bad))).toBe('INVALID_POOL_RULE');
    expect(codeOf(() => scaler.replaceRule(bad))).toBe('INVALID_POOL_RULE');
    expect(scaler.rules()).toMatchObject([RULE]);
  });

  test('a pool has one rule, and only a rule that is there can be replaced or removed', () => {
    const scaler = new AutoScaler({ rules: [RULE] });
    expect(codeOf(() => scaler.addRule(RULE))).toBe('DUPLICATE_POOL');
    expect(codeOf(() => new AutoScaler({ rules: [RULE, RULE] }))).toBe('DUPLICATE_POOL');
    expect(codeOf(() => scaler.replaceRule({ ...RULE, pool: 'q' }))).toBe('UNKNOWN_POOL');
    expect(codeOf(() => scaler.removeRule('q'))).toBe('UNKNOWN_POOL');
    expect(scaler.rules()).toHaveLength(1);
  });

  test('a rule without template is refused where the shortfall evaluator needs one', () => {
    const shortfall = whatIfShortfall(new Scheduler());
    expect(codeOf(() => new AutoScaler({ shortfall, rules: [RULE] }))).toBe('INVALID_POOL_RULE');
    const template = { resources: { cpu: 1 } };
    expect(codeOf(() => new AutoScaler({ shortfall, rules: [{ ...RULE, template }] }))).toBe('none');
  });

  test('templates handed out are copies, and frozen', () => {
    const template = { resources: { cpu: 1 } };
    const scaler = new AutoScaler({ rules: [{ ...RULE, template }] });
    template.resources.cpu = 2;
    const [rule] = scaler.rules();
    expect(rule.template).toEqual({ resources: { cpu: 1 } });
    expect(Object.isFrozen(rule.template!.resources)).toBe(true);
  });
});

describe('options', () => {
  test.each([
    7,
    { rules: 'p' },
    { poolAttribute: '' },
    { shortfall: 'naive' },
    { shortfall: {} },
    { scaleDown: {} },
    { failures: 'none' },
    { failures: { neverTrigger: 'never' } },
    { failures: { transient: [''] } },
    { failures: { taskSloMs: -1 } },
    { retryMs: NaN },
    { initialDelayMs: -1 },
    { disableMs: Infinity },
    { startTimeoutMs: '1' },
  ])('of the auto-scaler: %j', (options) => {
    expect(codeOf(() => new AutoScaler(options as object))).toBe('INVALID_AUTOSCALE_OPTION');
  });

  test.each([null, { graceMs: -1 }, { expiryMs: NaN }, { graceMs: 2, expiryMs: 1 }, { poolAttribute: 7 }])(
    'of removals: %j',
    (options) => {
      expect(codeOf(() => new AgentRemovals(options as object))).toBe('INVALID_AUTOSCALE_OPTION');
    },
  );
});

describe('evaluations', () => {
  test.each([
    [null],
    [{}],
    [{ agents: {} }],
    [{ agents: [null] }],
    [{ agents: [{ ...AGENT, id: '' }] }],
    [{ agents: [AGENT, AGENT] }],
    [{ agents: [{ ...AGENT, pool: 7 }] }],
    [{ agents: [{ ...AGENT, attributes: 'zone' }] }],
    [{ agents: [{ ...AGENT, idle: 1 }] }],
    [{ agents: [{ id: 'a' }] }],
    [{ agents: [{ ...AGENT, idleSinceMs: NaN }] }],
    [{ agents: [{ ...AGENT, disabled: 'no' }] }],
    [{ agents: [{ ...AGENT, active: 0 }] }],
    [{ agents: [{ ...AGENT, protected: null }] }],
    [{ agents: [{ ...AGENT, protected: 'yes' }] }],
    [{ agents: [], failedTasks: {} }],
    [{ agents: [], failedTasks: [7] }],
    [{ agents: [], failedTasks: [{ ...TASK, task: null }] }],
    [{ agents: [], failedTasks: [{ ...TASK, task: {} }] }],
    [{ agents: [], failedTasks: [TASK, TASK] }],
    [{ agents: [], failedTasks: [{ ...TASK, kind: '' }] }],
    [{ agents: [], failedTasks: [{ ...TASK, waitingSinceMs: 'long' }] }],
    [{ agents: [], failedTasks: [{ ...TASK, sloMs: -1 }] }],
    [{ agents: [], failedTasks: [{ ...TASK, pools: [] }] }],
    [{ agents: [], failedTasks: [{ ...TASK, pools: [7] }] }],
    [{ agents: [], starting: [] }],
    [{ agents: [], starting: { p: -1 } }],
    [{ agents: [], activeGroupsSetAtMs: NaN }],
  ])('refuse the input %j', (input) => {
    const scaler = new AutoScaler({ rules: [RULE] });
    scaler.evaluate({ agents: [] }, 0);
    const before = scaler.snapshot();
    expect(codeOf(() => scaler.evaluate(input as { agents: [] }, 1))).toBe('INVALID_AUTOSCALE_INPUT');
    expect(scaler.snapshot()).toEqual(before);
  });

  test.each([NaN, Infinity, '7', undefined])('refuse the time %s', (nowMs) => {
    expect(codeOf(() => new AutoScaler().evaluate({ agents: [] }, nowMs as number))).toBe(
      'INVALID_AUTOSCALE_INPUT',
    );
  });

  test.each([
    { isTooSmall: () => 'yes' },
    { isTooSmall: () => 1 },
    { adjustShortfall: () => NaN },
    { adjustShortfall: () => -1 },
    { adjustShortfall: () => Infinity },
    { adjustShortfall: () => '2' },
  ])('report functions of rules that answer what they must not: %o', (functions) => {
    const scaler = new AutoScaler({ rules: [{ ...RULE, ...(functions as object) }] });
    const { errors, decisions } = scaler.evaluate({ agents: [AGENT], failedTasks: [TASK] }, 0);
    expect(errors.map(({ error }) => error.code)).toEqual(['AUTOSCALE_CALLBACK_FAILED']);
    provoked.add('AUTOSCALE_CALLBACK_FAILED');
    expect(decisions).toEqual([]);
  });

  test.each([
    undefined,
    [7],
    [{ pool: 'unknown', agents: 1, tasks: [] }],
    [{ pool: 'p', agents: 1.5, tasks: [] }],
    [{ pool: 'p', agents: -1, tasks: [] }],
    [{ pool: 'p', agents: 1 }],
    [
      { pool: 'p', agents: 1, tasks: [] },
      { pool: 'p', agents: 1, tasks: [] },
    ],
  ])('refuse the shortfall %j', (answer) => {
    const shortfall = { name: 'own', shortfall: () => answer as [] };
    const scaler = new AutoScaler({ rules: [RULE], shortfall });
    expect(codeOf(() => scaler.evaluate({ agents: [], failedTasks: [TASK] }, 0))).toBe(
      'AUTOSCALE_CALLBACK_FAILED',
    );
  });

  test.each<[string, (agents: readonly object[]) => unknown]>([
    ['no array', () => 'all'],
    ['the same twice', ([first]) => [first, first]],
    ['out of nowhere', () => [{ ...AGENT }]],
    ['nothing', () => [undefined]],
  ])('report policies and orders that answer %s', (_what, answer) => {
    const rank = (agents: readonly object[]): never => answer(agents) as never;
    const policies = [
      { name: 'own', rank },
      weightedScaleDown([], { name: 'own', order: (agents) => [answer(agents)] as never }),
    ];
    for (const scaleDown of policies) {
      const scaler = new AutoScaler({
        rules: [{ ...RULE, minIdle: 0, maxIdle: 0 }],
        scaleDown,
        initialDelayMs: 0,
      });
      scaler.evaluate({ agents: [] }, 0);
      const { errors } = scaler.evaluate({ agents: [AGENT] }, 1);
      expect(errors.map(({ error }) => error.code)).toEqual(['INVALID_SCALE_DOWN_POLICY']);
    }
  });

  test.each([NaN, -0.1, 1.1, '0.5', undefined])('refuse the score %s', (score) => {
    const evaluator = { name: 'own', evaluate: () => ({ score: score as number }) };
    const policy = weightedScaleDown([{ evaluator, weight: 1 }]);
    expect(codeOf(() => policy.rank([AGENT]))).toBe('INVALID_SCALE_DOWN_POLICY');
  });
});

describe('factories', () => {
  const fine = { name: 'fine', evaluate: () => ({ score: 1 }) };

  test.each<[string, () => unknown]>([
    ['weights', () => weightedScaleDown([{ evaluator: fine, weight: NaN }])],
    ['infinite weights', () => weightedScaleDown([{ evaluator: fine, weight: Infinity }])],
    ['no list', () => weightedScaleDown(fine as never)],
    ['no evaluator', () => weightedScaleDown([{ evaluator: {} as never, weight: 1 }])],
    ['no name', () => weightedScaleDown([{ evaluator: { ...fine, name: '' }, weight: 1 }])],
    ['no order', () => weightedScaleDown([], {} as never)],
    [
      'no answer',
      () =>
        weightedScaleDown([{ evaluator: { ...fine, evaluate: () => 1 as never }, weight: 1 }]).rank([AGENT]),
    ],
    ['no attribute', () => balancedByAttribute('')],
    ['no key', () => balancedEvaluator(undefined as never)],
    ['a key that is no text', () => balancedEvaluator(() => 7 as never).evaluate(AGENT, undefined)],
    ['scores above 1', () => balancedEvaluator(() => 'a', { initialScore: 0.9 })],
    ['score 0', () => balancedEvaluator(() => 'a', { initialScore: 0 })],
    ['a negative step', () => balancedEvaluator(() => 'a', { step: -0.1 })],
    ['a step that is no number', () => balancedEvaluator(() => 'a', { step: NaN })],
    ['no predicate', () => inactiveFirst('inactive' as never)],
  ])('of scale-down policies refuse %s', (_what, call) => {
    expect(codeOf(call)).toBe('INVALID_SCALE_DOWN_POLICY');
  });

  const template = { resources: { cpu: 1 } };
  const pool = { pool: 'p', template };
  test.each<[string, () => unknown]>([
    ['a pool twice', () => guaranteedSizes([pool, pool], [])],
    ['a pool without template', () => guaranteedSizes([{ pool: 'p' } as never], [])],
    ['a maximum', () => guaranteedSizes([{ ...pool, maxSize: -1 }], [])],
    ['a count', () => guaranteedSizes([pool], [{ group: 'g', resources: {}, count: 0.5 }])],
    ['a group', () => guaranteedSizes([pool], [{ group: '', resources: {} }])],
    ['an amount', () => guaranteedSizes([pool], [{ group: 'g', resources: { cpu: -1 } }])],
    ['a share', () => guaranteedSizes([pool], [], { share: -0.1 })],
    ['a headroom', () => guaranteedSizes([pool], [], { amount: { cpu: NaN } })],
    [
      'slots',
      () =>
        guaranteedSizes([{ pool: 'p', template: { resources: { gpu: 1 } } }], [], {}, [
          { name: 'gpu', kind: 'set' },
        ]),
    ],
    [
      'a fraction of a slot',
      () =>
        guaranteedSizes(
          [{ pool: 'p', template: { resources: { gpu: { slots: 0.5, unitsPerSlot: 1 } } } }],
          [],
          {},
          [{ name: 'gpu', kind: 'set' }],
        ),
    ],
    ['pools that are none', () => exactShortfall(new Scheduler(), [null as never], [])],
    ['a room', () => exactShortfall(new Scheduler(), [{ ...pool, room: 1.5 }], [])],
    ['a room that is no number', () => exactShortfall(new Scheduler(), [{ ...pool, room: NaN }], [])],
    [
      'a pool twice in the what-if',
      () =>
        exactShortfall(
          new Scheduler(),
          [
            { ...pool, room: 1 },
            { ...pool, room: 1 },
          ],
          [],
        ),
    ],
    ['tasks that are none', () => exactShortfall(new Scheduler(), [], {} as never)],
    ['a decision', () => new AgentRemovals().propose(null as never, 0)],
    ['a decision without agents', () => new AgentRemovals().propose({ pool: 'p' } as never, 0)],
    ['a decision with no id', () => new AgentRemovals().propose({ pool: 'p', agents: ['a', ''] }, 0)],
    ['a decision at no time', () => new AgentRemovals().propose({ pool: 'p', agents: [] }, NaN)],
    ['minimum sizes', () => new AgentRemovals().evaluate({ agents: [], minSizes: { p: -1 } }, 0)],
    ['removals at no time', () => new AgentRemovals().evaluate({ agents: [] }, NaN)],
  ])('refuse %s', (_what, call) => {
    expect(codeOf(call)).toBe('INVALID_AUTOSCALE_INPUT');
  });

  test('presets of tiers check the rule they make', () => {
    expect(codeOf(() => flexiblePool({ pool: 'p', maxIdle: 1 }))).toBe('INVALID_POOL_RULE');
    expect(codeOf(() => criticalTier([{ ...pool, minSize: NaN }], []))).toBe('INVALID_POOL_RULE');
    expect(classifyFailure({ agents: 1, feasible: 1, reasons: [] })).toBe('unrecognized');
  });
});

describe('snapshots', () => {
  const clocks = new AutoScaler({ rules: [RULE] });
  clocks.evaluate({ agents: [] }, 5);
  const good = clocks.snapshot();
  const [first] = good.clocks;

  test.each([
    null,
    {},
    { ...good, version: 2 },
    { ...good, clocks: {} },
    { ...good, clocks: [{}] },
    { ...good, clocks: [first, first] },
    { ...good, clocks: [{ ...first, lastUpMs: null }] },
    { ...good, clocks: [{ ...first, lastDownMs: 'now' }] },
    { ...good, clocks: [{ ...first, upAskedMs: undefined }] },
    { ...good, clocks: [{ ...first, expectedSize: -1 }] },
    { ...good, clocks: [{ ...first, expectedUntilMs: NaN }] },
    { ...good, counted: [7] },
    { ...good, counted: [['t']] },
    { ...good, counted: [['', 1]] },
    {
      ...good,
      counted: [
        ['t', 1],
        ['t', 2],
      ],
    },
  ])('of auto-scalers are read with distrust: %j', (snapshot) => {
    expect(codeOf(() => AutoScaler.restore(snapshot as typeof good))).toBe('INVALID_AUTOSCALE_SNAPSHOT');
  });

  const removal = { agent: 'a', pool: 'p', state: 'proposed', sinceMs: 0 };
  test.each([
    null,
    { version: 1 },
    { version: 0, removals: [] },
    { version: 1, removals: [7] },
    { version: 1, removals: [removal, removal] },
    { version: 1, removals: [{ ...removal, agent: '' }] },
    { version: 1, removals: [{ ...removal, pool: null }] },
    { version: 1, removals: [{ ...removal, state: 'gone' }] },
    { version: 1, removals: [{ ...removal, sinceMs: null }] },
  ])('of removals too: %j', (snapshot) => {
    expect(codeOf(() => AgentRemovals.restore(snapshot as never))).toBe('INVALID_AUTOSCALE_SNAPSHOT');
  });
});

test('every code is provoked above', () => {
  expect([...provoked].sort()).toEqual(Object.keys(AUTOSCALE_ERRORS).sort());
});

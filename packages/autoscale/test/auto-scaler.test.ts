/** What the auto-scaler does beyond Fenzo: graces, minimum sizes, agents on their way, failures that count, state. */
import { describe, expect, test } from 'vitest';
import {
  AutoScaler,
  type AutoscaleInput,
  type AutoScalerOptions,
  inactiveFirst,
  longestIdleFirst,
  noShortfall,
  type PoolAgent,
  weightedScaleDown,
} from '../src/index.ts';
import { agents, failed, inShort, rule, scalerOf } from './pool-fixtures.ts';

describe('shrinking', () => {
  test('waits until an agent was idle for the grace, and for ever if it does not say since when', () => {
    const scaler = scalerOf([rule({ idleGraceMs: 1000 })]);
    const members = [
      ...agents(1, { idleSinceMs: 500 }, 'early'),
      ...agents(1, { idleSinceMs: 900 }, 'late'),
      ...agents(1, {}, 'unknown'),
    ];
    const at = (nowMs: number): string[] => inShort(scaler.evaluate({ agents: members }, nowMs).decisions);
    expect([1499, 1500, 1899, 1900].map(at)).toEqual([[], ['-early-0'], ['-early-0'], ['-early-0 -late-0']]);
  });

  test('never takes a busy, disabled, protected or too small agent', () => {
    const scaler = scalerOf([rule({ isTooSmall: ({ resources }) => resources?.cpu === 1 })]);
    const kept = [
      ...agents(1, { idle: false }, 'busy'),
      ...agents(1, { disabled: true }, 'disabled'),
      ...agents(1, { protected: true }, 'protected'),
      ...agents(1, { resources: { cpu: 1 } }, 'small'),
    ];
    const { decisions, held } = scaler.evaluate({ agents: kept }, 1);
    expect(decisions).toEqual([]);
    expect(held.map(({ reason }) => reason.kind)).toEqual(['not-removable']);
    expect(inShort(scaler.evaluate({ agents: [...kept, ...agents(1)] }, 2).decisions)).toEqual(['-agent-0']);
  });

  test('lets idle agents of inactive groups go with a cool-down of their own, down to minSize', () => {
    const scaler = scalerOf([rule({ maxIdle: 9, minSize: 3, coolDownMs: 1000 })]);
    const retired = agents(4, { active: false }, 'retired');
    const first = scaler.evaluate({ agents: [...agents(2), ...retired] }, 1);
    expect(inShort(first.decisions)).toEqual(['-retired-0 -retired-1 -retired-2', '+1']);
    expect(first.decisions[0].reasons.map(({ kind }) => kind)).toEqual(['inactive', 'min-size']);
    const input = { agents: [...agents(4), ...retired.slice(3)] };
    expect(scaler.evaluate(input, 1001).decisions).toEqual([]);
    expect(inShort(scaler.evaluate(input, 1002).decisions)).toEqual(['-retired-3']);
  });

  test('counts the active agents only for minSize when it takes active ones', () => {
    const scaler = scalerOf([rule({ minSize: 3 })]);
    const input = { agents: [...agents(4), ...agents(5, { active: false, idle: false }, 'retired')] };
    expect(inShort(scaler.evaluate(input, 1).decisions)).toEqual(['-agent-0']);
  });

  test('does not shrink while a failed task calls for agents', () => {
    const scaler = scalerOf([rule({ maxSize: 3 })]);
    const input = { agents: agents(3), failedTasks: failed(1) };
    const { decisions, held } = scaler.evaluate(input, 1);
    expect(decisions).toEqual([]);
    expect(held.map(({ kind, reason }) => [kind, reason.kind])).toEqual([['scale-up', 'max-size']]);
  });

  test('follows the policy: longest idle first, or retired clusters first', () => {
    const members = [1, 2, 3].map((n) => ({
      id: `agent-${n}`,
      pool: 'p',
      idle: true,
      idleSinceMs: -n,
      attributes: { cluster: n === 2 ? 'old' : 'new' },
    }));
    const decide = (scaleDown: AutoScalerOptions['scaleDown']): string[] =>
      inShort(
        scalerOf([rule({ maxIdle: 1 })], { scaleDown }).evaluate({ agents: [...members].reverse() }, 1)
          .decisions,
      );
    expect(decide(longestIdleFirst())).toEqual(['-agent-3 -agent-2']);
    expect(
      decide(
        weightedScaleDown(
          [],
          inactiveFirst(({ attributes }) => attributes!.cluster === 'old'),
        ),
      ),
    ).toEqual(['-agent-2 -agent-1']);
    expect(decide(undefined)).toEqual(['-agent-1 -agent-2']);
  });

  test('says until when agents are to be disabled: the longer of disableMs and cool-down', () => {
    const until = (disableMs: number): number => {
      const scaler = scalerOf([rule({ coolDownMs: 50 })], { disableMs });
      const [decision] = scaler.evaluate({ agents: agents(1) }, 100).decisions;
      return decision.kind === 'scale-down' ? decision.disableUntilMs : NaN;
    };
    expect([until(0), until(70)]).toEqual([150, 170]);
  });
});

describe('growing', () => {
  test('grows to minSize, counting agents that can take tasks', () => {
    const scaler = scalerOf([rule({ minSize: 5, maxIdle: 9 })]);
    const members = [
      ...agents(2, { idle: false }),
      ...agents(1, { disabled: true }, 'disabled'),
      ...agents(1, { active: false, idle: false }, 'retired'),
    ];
    const { decisions } = scaler.evaluate({ agents: members }, 1);
    expect(decisions).toMatchObject([{ kind: 'scale-up', count: 3, reasons: [{ kind: 'min-size' }] }]);
  });

  test('does not ask again for agents on their way, told or remembered', () => {
    const scaler = scalerOf([rule({ minIdle: 2, maxIdle: 4, maxSize: 6 })], { startTimeoutMs: 1000 });
    const decide = (input: Partial<AutoscaleInput>, nowMs: number): string[] =>
      inShort(scaler.evaluate({ agents: [], ...input }, nowMs).decisions);
    expect(decide({}, 1)).toEqual(['+4']);
    expect(decide({}, 2)).toEqual([]);
    expect(decide({ failedTasks: failed(5) }, 3)).toEqual(['+2']);
    expect(decide({ failedTasks: failed(5, {}, 'more') }, 4)).toEqual([]);
    expect(decide({ starting: { p: 0 } }, 5)).toEqual(['+4']);
    expect(decide({}, 1004)).toEqual([]);
    expect(decide({}, 1005)).toEqual(['+4']);
  });

  test('knows that agents asked for have come', () => {
    const scaler = scalerOf([rule({ minIdle: 1, maxIdle: 1 })]);
    const decide = (members: PoolAgent[], nowMs: number): string[] =>
      inShort(scaler.evaluate({ agents: members }, nowMs).decisions);
    expect(decide([], 1)).toEqual(['+1']);
    expect(decide(agents(1, { idle: false }), 2)).toEqual(['+1']);
    expect(decide(agents(2, { idle: false }), 3)).toEqual(['+1']);
  });

  test('fills up to maxIdle on occasion of a shortfall when the cool-down is over', () => {
    const scaler = scalerOf([rule({ minIdle: 2, maxIdle: 6 })]);
    const { decisions } = scaler.evaluate({ agents: agents(3), failedTasks: failed(1) }, 1);
    expect(decisions).toMatchObject([
      {
        count: 3,
        reasons: [
          { kind: 'shortfall', agents: 1 },
          { kind: 'max-idle', agents: 3 },
        ],
      },
    ]);
  });

  test('starts all cool-downs anew when the active groups change', () => {
    const scaler = scalerOf([rule({ minIdle: 1, maxIdle: 1, coolDownMs: 10 })]);
    const { decisions, held } = scaler.evaluate({ agents: [], activeGroupsSetAtMs: 95 }, 105);
    expect(decisions).toEqual([]);
    expect(held).toMatchObject([{ kind: 'scale-up', agents: 1, reason: { kind: 'cool-down' } }]);
    expect(inShort(scaler.evaluate({ agents: [], activeGroupsSetAtMs: 95 }, 106).decisions)).toEqual(['+1']);
  });

  test('with noShortfall failed tasks call for nothing', () => {
    const scaler = scalerOf([rule()], { shortfall: noShortfall() });
    expect(scaler.evaluate({ agents: [], failedTasks: failed(3) }, 1).decisions).toEqual([]);
  });

  test('adjusts the shortfall, rounded up; an adjustment to 0 asks for nothing and counts no task', () => {
    const halved = scalerOf([rule({ adjustShortfall: (n) => n / 2 })]);
    expect(inShort(halved.evaluate({ agents: [], failedTasks: failed(3) }, 1).decisions)).toEqual(['+2']);
    const none = scalerOf([rule({ adjustShortfall: () => 0 })]);
    expect(none.evaluate({ agents: [], failedTasks: failed(3) }, 1)).toMatchObject({
      decisions: [],
      counted: [],
    });
  });
});

describe('rules', () => {
  test('pools may be values of an attribute; agents of no pool are left alone', () => {
    const scaler = scalerOf([rule()], { poolAttribute: 'group' });
    const members: PoolAgent[] = [
      { id: 'by-attribute', idle: true, attributes: { group: 'p' } },
      { id: 'named', idle: true, pool: 'p', attributes: { group: 'other' } },
      { id: 'elsewhere', idle: true, attributes: { group: 'other' } },
      { id: 'nowhere', idle: true, attributes: { rack: 'p' } },
      { id: 'bare', idle: true },
    ];
    expect(inShort(scaler.evaluate({ agents: members }, 1).decisions)).toEqual(['-by-attribute -named']);
  });

  test('a replaced rule goes on with the clocks, a copied one is out of reach', () => {
    const own = { ...rule({ minIdle: 1, maxIdle: 1, coolDownMs: 10 }) };
    const scaler = scalerOf([own]);
    own.pool = 'other';
    const input = { agents: [], starting: { p: 0 } };
    expect(inShort(scaler.evaluate(input, 11).decisions)).toEqual(['+1']);
    scaler.replaceRule(rule({ minIdle: 2, maxIdle: 2, coolDownMs: 10 }));
    expect(scaler.evaluate(input, 21).decisions).toEqual([]);
    expect(inShort(scaler.evaluate(input, 22).decisions)).toEqual(['+2']);
    expect(scaler.rules()).toMatchObject([{ pool: 'p', minIdle: 2, minSize: 0, maxSize: Infinity }]);
  });

  test('a rule changed from within an evaluation is in force from the next one on', () => {
    const scaler: AutoScaler = scalerOf([
      rule({
        isTooSmall: () => {
          scaler.removeRule('p');
          return false;
        },
      }),
    ]);
    expect(inShort(scaler.evaluate({ agents: agents(1) }, 1).decisions)).toEqual(['-agent-0']);
    expect(scaler.evaluate({ agents: agents(1) }, 2).decisions).toEqual([]);
    expect(scaler.snapshot().clocks).toEqual([]);
  });
});

describe('state', () => {
  test('a pool whose function fails is left alone, with its clocks; the others stand', () => {
    const broken = rule({
      pool: 'broken',
      scaleDownDelayMs: 5,
      isTooSmall: ({ id }) => {
        if (id === 'bad') throw new Error('no');
        return false;
      },
    });
    const scaler = scalerOf([broken, rule()]);
    const good = agents(1, { pool: 'broken' }, 'good');
    expect(inShort(scaler.evaluate({ agents: [...good, ...agents(1)] }, 1).decisions)).toEqual(['-agent-0']);
    const before = scaler.snapshot().clocks.find(({ pool }) => pool === 'broken');
    const bad = agents(1, { pool: 'broken', id: 'bad' });
    const { decisions, errors } = scaler.evaluate({ agents: [...good, ...bad, ...agents(1)] }, 2);
    expect(inShort(decisions)).toEqual(['-agent-0']);
    expect(errors.map(({ pool, error }) => [pool, error.code])).toEqual([
      ['broken', 'AUTOSCALE_CALLBACK_FAILED'],
    ]);
    expect(errors[0].error.cause).toEqual(new Error('no'));
    expect(scaler.snapshot().clocks.find(({ pool }) => pool === 'broken')).toEqual(before);
    expect(inShort(scaler.evaluate({ agents: good }, 7).decisions)).toEqual(['-good-0']);
  });

  test('a pool whose policy fails half-way keeps its clocks too', () => {
    const scaleDown = {
      name: 'fails on active agents',
      rank: (candidates: readonly PoolAgent[]) => {
        if (candidates.some(({ active = true }) => active)) throw new Error('no');
        return candidates;
      },
    };
    const scaler = scalerOf([rule({ coolDownMs: 100 })], { scaleDown });
    const retired = agents(1, { active: false }, 'retired');
    const before = scaler.snapshot();
    expect(scaler.evaluate({ agents: [...retired, ...agents(1)] }, 101).errors).toHaveLength(1);
    expect(scaler.snapshot().clocks).toMatchObject([{ ...before.clocks[0], expectedSize: null }]);
    expect(inShort(scaler.evaluate({ agents: retired }, 102).decisions)).toEqual(['-retired-0']);
  });

  test('a shortfall evaluator that fails stops the evaluation, and nothing has changed', () => {
    let fails = true;
    const scaler = scalerOf([rule({ minIdle: 1, maxIdle: 1 })], {
      shortfall: {
        name: 'sometimes',
        shortfall: () => {
          if (fails) throw new Error('no');
          return [];
        },
      },
    });
    const before = scaler.snapshot();
    const input = { agents: [], failedTasks: failed(1) };
    expect(() => scaler.evaluate(input, 1)).toThrow(
      'AUTOSCALE_CALLBACK_FAILED: shortfall evaluator "sometimes"',
    );
    expect(scaler.snapshot()).toEqual(before);
    fails = false;
    expect(inShort(scaler.evaluate(input, 1).decisions)).toEqual(['+1']);
  });

  test('cannot be evaluated from within an evaluation', () => {
    const scaler: AutoScaler = scalerOf([
      rule({ isTooSmall: () => scaler.evaluate({ agents: [] }, 2).decisions.length > 0 }),
    ]);
    const { errors } = scaler.evaluate({ agents: agents(1) }, 1);
    expect(errors.map(({ error }) => error.code)).toEqual(['REENTRANT_CALL']);
  });

  test('a snapshot goes by way of JSON and restores what is remembered', () => {
    const rules = [
      rule({ minIdle: 1, maxIdle: 1, coolDownMs: 10, scaleDownDelayMs: 5 }),
      rule({ pool: 'q' }),
    ];
    const scaler = scalerOf(rules);
    scaler.evaluate({ agents: [], failedTasks: failed(2) }, 50);
    const snapshot = scaler.snapshot();
    expect(snapshot.counted).toEqual([
      ['task-0', 50],
      ['task-1', 50],
    ]);
    const text = JSON.stringify(snapshot);
    const restored = AutoScaler.restore(JSON.parse(text) as typeof snapshot, { rules });
    expect(JSON.stringify(restored.snapshot())).toBe(text);
    const input = { agents: agents(9), failedTasks: failed(3) };
    expect(restored.evaluate(input, 55)).toEqual(scaler.evaluate(input, 55));
    expect(restored.snapshot()).toEqual(scaler.snapshot());
  });

  test('when the clock goes back, cool-downs begin anew instead of lasting for ever', () => {
    const scaler = scalerOf([rule({ minIdle: 1, maxIdle: 1, coolDownMs: 10 })]);
    const input = { agents: [], starting: { p: 0 } };
    expect(inShort(scaler.evaluate(input, 1_000_000).decisions)).toEqual(['+1']);
    expect(scaler.evaluate(input, 500).decisions).toEqual([]);
    expect(scaler.evaluate(input, 510).decisions).toEqual([]);
    expect(inShort(scaler.evaluate(input, 511).decisions)).toEqual(['+1']);
  });
});

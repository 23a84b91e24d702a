/** The behaviours of Fenzo's tests about the choice of agents that go, one test each under its name. */
import { describe, expect, test } from 'vitest';
import {
  anyOrder,
  balancedByAttribute,
  balancedEvaluator,
  inactiveFirst,
  type PoolAgent,
  type ScaleDownEvaluator,
  type ScaleDownOrder,
  weightedScaleDown,
} from '../src/index.ts';

function agent(id: string, more: Partial<PoolAgent> = {}): PoolAgent {
  return { id, idle: true, ...more };
}

/** Scores by the digit in the id: 0 for 0, 1 for those preferred, else 0.5. */
function preferring(name: string, remainder: number): ScaleDownEvaluator {
  return {
    name,
    evaluate({ id }) {
      const index = Number(id.slice(1));
      return { score: index === 0 ? 0 : index % 2 === remainder ? 1 : 0.5 };
    },
  };
}

describe('ScaleDownConstraintExecutorTest', () => {
  const evenFirst = preferring('evenFirstEvaluator', 0);
  const oddFirst = preferring('oddFirstEvaluator', 1);

  test('ScaleDownConstraintExecutorTest.testScaleDownOrdering: set by set, by weighted score, never at score 0', () => {
    const agents = ['l0', 'l1', 'l2', 'l3', 'l4'].map((id) => agent(id));
    const order: ScaleDownOrder = {
      name: 'two sets',
      order: (all) => [
        [all[0], all[2], all[3]],
        [all[1], all[4]],
      ],
    };
    const policy = weightedScaleDown(
      [
        { evaluator: evenFirst, weight: 10 },
        { evaluator: oddFirst, weight: 2 },
      ],
      order,
    );
    expect(policy.rank(agents).map(({ id }) => id)).toEqual(['l2', 'l3', 'l4', 'l1']);
  });

  test('ScaleDownConstraintExecutorTest.testWeightsValidation: weights that are not positive are named and refused', () => {
    const make = (): unknown =>
      weightedScaleDown([
        { evaluator: evenFirst, weight: -5 },
        { evaluator: oddFirst, weight: 0 },
      ]);
    expect(make).toThrow('INVALID_SCALE_DOWN_POLICY');
    expect(make).toThrow('evenFirstEvaluator=-5, oddFirstEvaluator=0');
  });
});

describe('BalancedScaleDownConstraintEvaluatorTest', () => {
  test('BalancedScaleDownConstraintEvaluatorTest.testBalancing: agents of one zone score 0.5, 0.6, 0.65, 0.675', () => {
    const evaluator = balancedEvaluator(() => 'myZone', { initialScore: 0.5, step: 0.1 });
    let context: Map<string, number> | undefined;
    const scores = ['l1', 'l2', 'l3', 'l4'].map((id) => {
      const result = evaluator.evaluate(agent(id), context);
      context = result.context;
      return result.score;
    });
    expect(scores).toEqual([0.5, 0.6, 0.65, 0.675]);
  });

  test('the balanced evaluator lets go of the zones with most agents first', () => {
    const zones = { a: 'x', b: 'x', c: 'x', d: 'y', e: 'y', f: 'z' };
    const agents = Object.entries(zones).map(([id, zone]) => agent(id, { attributes: { zone } }));
    const policy = weightedScaleDown([
      { evaluator: balancedEvaluator(({ attributes }) => attributes!.zone), weight: 1 },
    ]);
    expect(policy.rank(agents).map(({ id }) => id)).toEqual(['c', 'b', 'e', 'a', 'd', 'f']);
  });
});

describe('orders', () => {
  const agents = ['a', 'b', 'c', 'd'].map((id) => agent(id));

  test('inactiveFirst gives each agent once, unlike InactiveClusterScaleDownConstraintEvaluator', () => {
    const sets = inactiveFirst(({ id }) => id === 'b' || id === 'd').order(agents);
    expect(sets.map((set) => set.map(({ id }) => id))).toEqual([
      ['b', 'd'],
      ['a', 'c'],
    ]);
  });

  test('without evaluators agents go set by set, then by id, whatever the order within a set', () => {
    const order: ScaleDownOrder = { name: 'reversed', order: (all) => [[...all].reverse()] };
    expect(weightedScaleDown([], order).rank(agents)).toEqual(agents);
    expect(weightedScaleDown([], anyOrder()).rank(agents)).toEqual(agents);
  });

  test('balancedByAttribute takes of the largest group, ties by value, agents without the attribute first', () => {
    const zones = { a: 'y', b: 'x', c: 'y', d: 'x', e: 'x', f: undefined };
    const all = Object.entries(zones).map(([id, zone]) =>
      agent(id, zone === undefined ? {} : { attributes: { zone } }),
    );
    const ranked = balancedByAttribute('zone').rank(all);
    expect(ranked.map(({ id }) => id)).toEqual(['b', 'd', 'a', 'f', 'e', 'c']);
  });

  test('each set has a context of its own', () => {
    const seen: unknown[] = [];
    const counting: ScaleDownEvaluator<number> = {
      name: 'counting',
      evaluate(_agent, count = 0) {
        seen.push(count);
        return { score: 1, context: count + 1 };
      },
    };
    const order = inactiveFirst(({ id }) => id === 'd');
    weightedScaleDown([{ evaluator: counting, weight: 1 }], order).rank(agents);
    expect(seen).toEqual([0, 0, 1, 2]);
  });
});

/**
 * The behaviours of Fenzo's AutoScalerTest, one test each under its name. Where ours differs on purpose, the title says
 * so. Cool-down 2 s, five to ten agents idle, one cycle per second, unless a test says otherwise.
 */
import { describe, expect, test } from 'vitest';
import { balancedByAttribute, type PoolRule, type ScaleDecision } from '../src/index.ts';
import { Cluster, tasksOf } from './cluster.ts';

const SMALL = { resources: { cpu: 4, memory: 40_000 } };
const LARGE = { resources: { cpu: 8, memory: 800 } };
const COOL_DOWN_CYCLES = 3;

function ruleOf(pool: string, more: Partial<PoolRule> = {}): PoolRule {
  return { pool, minIdle: 5, maxIdle: 10, coolDownMs: 2000, ...more };
}

/** Decisions in short: pool, +count or -count. */
function inShort(decisions: readonly ScaleDecision[]): string[] {
  return decisions.map((decision) =>
    decision.kind === 'scale-up'
      ? `${decision.pool} +${decision.count}`
      : `${decision.pool} -${decision.agents.length}`,
  );
}

/** A task that fills an agent of the small pool. */
const FILL = { resources: { cpu: 4, memory: 40_000 } };

describe('AutoScalerTest', () => {
  test('AutoScalerTest.scaleUpTest1: without agents, grows by maxIdle once the first cool-down is over', () => {
    const cluster = new Cluster({ rules: [ruleOf('small')] });
    expect([0, 1, 2].map(() => cluster.cycle().decisions)).toEqual([[], [], []]);
    const { decisions } = cluster.cycle();
    expect(decisions).toEqual([
      {
        kind: 'scale-up',
        pool: 'small',
        count: 10,
        reasons: [
          { kind: 'min-idle', agents: 10, text: '0 agents are idle, at least 5 should be; fill up to 10' },
        ],
      },
    ]);
  });

  test('AutoScalerTest.scaleUpTest2: grows again after the agents that came are used', () => {
    const cluster = new Cluster({ rules: [ruleOf('small')] });
    expect(inShort(cluster.wait(4).decisions)).toEqual(['small +10']);
    cluster.grow('small', 10, SMALL);
    const { result, decisions } = cluster.cycle(tasksOf(40, { resources: { cpu: 1, memory: 100 } }));
    expect(result.placements).toHaveLength(40);
    expect(decisions).toEqual([]);
    expect(inShort(cluster.wait(COOL_DOWN_CYCLES).decisions)).toEqual(['small +10']);
  });

  test('AutoScalerTest.testOneRuleTwoTypes: decides nothing about a pool without a rule', () => {
    const cluster = new Cluster({ rules: [ruleOf('large')] });
    cluster.grow('small', 20, SMALL);
    const seen = Array.from({ length: 8 }, () => inShort(cluster.cycle().decisions)).flat();
    expect(seen).toEqual(['large +10']);
  });

  test('AutoScalerTest.testTwoRulesOneNeedsScaleUp: grows only the pool that is short', () => {
    const cluster = new Cluster({ rules: [ruleOf('small'), ruleOf('large')] });
    cluster.grow('large', 10, LARGE);
    const seen = Array.from({ length: 8 }, () => inShort(cluster.cycle().decisions)).flat();
    expect(seen).toEqual(['small +10']);
  });

  test('AutoScalerTest.testSimpleScaleDownAction: of 13 agents with 1 in use, 2 go', () => {
    const cluster = new Cluster({ rules: [ruleOf('small')] });
    const agents = cluster.grow('small', 13, SMALL);
    cluster.cycle([{ id: 'filler', ...FILL }]);
    const { decisions } = cluster.wait(COOL_DOWN_CYCLES);
    expect(decisions).toEqual([
      {
        kind: 'scale-down',
        pool: 'small',
        agents: agents.slice(1, 3),
        disableUntilMs: 5000,
        reasons: [{ kind: 'excess-idle', agents: 2, text: '12 agents are idle, at most 10 should be' }],
      },
    ]);
  });

  test('AutoScalerTest.testTwoRuleScaleDownAction: shrinks only the pool with too many', () => {
    const cluster = new Cluster({ rules: [ruleOf('small'), ruleOf('large')] });
    cluster.grow('small', 13, SMALL);
    cluster.grow('large', 13, LARGE);
    cluster.cycle(tasksOf(8, FILL));
    const seen = Array.from({ length: 4 }, () => inShort(cluster.cycle().decisions)).flat();
    expect(seen).toEqual(['large -3']);
  });

  test('AutoScalerTest.testScaleDownBalanced: of 18 agents in 3 zones with 2 used in one, 4 stay idle per zone', () => {
    const cluster = new Cluster({
      rules: [ruleOf('small', { minIdle: 3, maxIdle: 12 })],
      scaleDown: balancedByAttribute('zone'),
    });
    const agents = Array.from({ length: 18 }, (_, i) =>
      cluster.grow('small', 1, { ...SMALL, attributes: { zone: `${i % 3}` } }),
    ).flat();
    const zoneOf = (id: string): string => cluster.shapeOf(id).attributes!.zone;
    const idle = new Set(agents);
    for (const id of agents.filter((agent) => zoneOf(agent) === '1').slice(0, 2)) {
      cluster.scheduler.drainAgent(id, false);
      for (const other of agents) if (other !== id) cluster.scheduler.drainAgent(other);
      expect(cluster.scheduler.schedule([{ id: `on-${id}`, ...FILL }]).placements[0].agent).toBe(id);
      idle.delete(id);
    }
    const [decision] = cluster.wait(4).decisions;
    if (decision.kind !== 'scale-down') throw new Error('grew');
    for (const id of decision.agents) expect(idle.delete(id)).toBe(true);
    expect(['0', '1', '2'].map((zone) => [...idle].filter((id) => zoneOf(id) === zone).length)).toEqual([
      4, 4, 4,
    ]);
  });

  test('AutoScalerTest.testScaledDownHostOffer: an agent that is to go gets no task while it is disabled', () => {
    const cluster = new Cluster({ rules: [ruleOf('small')] });
    cluster.grow('small', 13, SMALL);
    cluster.cycle([{ id: 'filler', ...FILL }]);
    const [decision] = cluster.wait(COOL_DOWN_CYCLES).decisions;
    if (decision.kind !== 'scale-down') throw new Error('grew');
    const { result } = cluster.cycle(tasksOf(12, FILL));
    expect(result.placements).toHaveLength(10);
    expect(result.placements.filter(({ agent }) => decision.agents.includes(agent))).toEqual([]);
    while (cluster.nowMs < decision.disableUntilMs) cluster.cycle();
    const later = cluster.cycle(tasksOf(2, FILL, 'late'));
    expect(later.result.placements.map(({ agent }) => agent)).toEqual(decision.agents);
  });

  test('AutoScalerTest.testResourceShortfall: failed tasks grow the pool beyond maxIdle and without cool-down', () => {
    const cluster = new Cluster({ rules: [ruleOf('small')] });
    cluster.grow('small', 2, { resources: { cpu: 1, memory: 1000 } });
    const tasks = tasksOf(20, { resources: { cpu: 1, memory: 1000 } });
    expect(cluster.cycle(tasks.slice(0, 2)).decisions).toEqual([]);
    cluster.nowMs += 3000;
    expect(inShort(cluster.cycle(tasks.slice(2)).decisions)).toEqual(['small +18']);
    const { decisions, held } = cluster.cycle(tasksOf(30, { resources: { cpu: 1 } }, 'new'));
    expect(inShort(decisions)).toEqual(['small +30']);
    expect(held).toEqual([]);
  });

  test('AutoScalerTest.testAddingNewRule: a rule added later grows its pool, the other rests', () => {
    const cluster = new Cluster({ rules: [ruleOf('small')] });
    cluster.grow('small', 5, SMALL);
    cluster.grow('large', 5, LARGE);
    const onLarge = tasksOf(5, { resources: { cpu: 6, memory: 100 } }, 'large');
    const onSmall = tasksOf(5, { resources: { cpu: 1, memory: 1000 } }, 'small');
    expect(cluster.cycle([...onLarge, ...onSmall]).result.failures).toEqual([]);
    const seen = Array.from({ length: 4 }, () => inShort(cluster.cycle().decisions)).flat();
    expect(seen).toEqual(['small +7']);
    cluster.grow('small', 7, SMALL);
    cluster.scaler.addRule(ruleOf('large'));
    const later = Array.from({ length: 5 }, () => inShort(cluster.cycle().decisions)).flat();
    expect(later).toEqual(['large +10']);
  });

  test('AutoScalerTest.testRemovingExistingRule: a rule that is removed decides nothing any more', () => {
    const cluster = new Cluster({ rules: [ruleOf('small')] });
    cluster.grow('small', 5, SMALL);
    cluster.cycle(tasksOf(2, FILL));
    expect(inShort(cluster.wait(COOL_DOWN_CYCLES).decisions)).toEqual(['small +7']);
    cluster.scaler.removeRule('small');
    cluster.scaler.addRule(ruleOf('large'));
    const later = Array.from({ length: 6 }, () => inShort(cluster.cycle().decisions)).flat();
    expect(later).toEqual(['large +10']);
  });
});

describe('AutoScalerTest: delays', () => {
  /** Five idle agents, of which tasks take one for two seconds: too short for a delay of two. */
  function shortBreaches(): Cluster {
    const cluster = new Cluster({ rules: [ruleOf('small', { scaleUpDelayMs: 2000 })] });
    cluster.grow('small', 5, SMALL);
    for (let i = 0; i < 4; i++) expect(cluster.cycle().decisions).toEqual([]);
    return cluster;
  }

  function breach(cluster: Cluster, id: string, cycles: number): ScaleDecision[] {
    const seen = [...cluster.cycle([{ id, resources: { cpu: 1 } }]).decisions];
    for (let i = 1; i < cycles; i++) seen.push(...cluster.cycle().decisions);
    cluster.scheduler.release(id);
    return seen;
  }

  test('AutoScalerTest.testDelayedAutoscaleUp: a short breach of minIdle does not grow the pool, a lasting one does', () => {
    const cluster = shortBreaches();
    expect(breach(cluster, 'short', 2)).toEqual([]);
    expect(cluster.cycle().decisions).toEqual([]);
    expect(inShort(breach(cluster, 'lasting', 1))).toEqual(['small +6']);
  });

  test('AutoScalerTest.testScaleUpDelayReset: a breach more than twice the delay after the first waits anew', () => {
    const cluster = shortBreaches();
    expect(breach(cluster, 'short', 2)).toEqual([]);
    cluster.nowMs += 3000;
    const seen = breach(cluster, 'second', 3);
    expect(seen).toEqual([]);
    expect(inShort(breach(cluster, 'third', 1))).toEqual(['small +6']);
  });

  /** Twelve agents, two of them used; `release` brings the excess. */
  function shortExcesses(): Cluster {
    const cluster = new Cluster({ rules: [ruleOf('small', { scaleDownDelayMs: 3000 })] });
    cluster.grow('small', 12, SMALL);
    for (const id of ['one', 'two']) cluster.cycle([{ id, ...FILL }]);
    for (let i = 0; i < 3; i++) expect(cluster.cycle().decisions).toEqual([]);
    return cluster;
  }

  test('AutoScalerTest.testDelayedAutoscaleDown: a short excess does not shrink the pool, a lasting one does', () => {
    const cluster = shortExcesses();
    cluster.scheduler.release('one');
    expect([cluster.cycle(), cluster.cycle()].flatMap(({ decisions }) => decisions)).toEqual([]);
    expect(cluster.cycle([{ id: 'three', ...FILL }]).decisions).toEqual([]);
    expect(cluster.cycle().decisions).toEqual([]);
    cluster.scheduler.release('three');
    expect(inShort(cluster.cycle().decisions)).toEqual(['small -1']);
  });

  test('AutoScalerTest.testScaleDownDelayReset: an excess more than twice the delay after the first waits anew', () => {
    const cluster = shortExcesses();
    cluster.scheduler.release('one');
    cluster.cycle();
    cluster.cycle([{ id: 'three', ...FILL }]);
    cluster.nowMs += 6000;
    cluster.scheduler.release('three');
    const waited = Array.from({ length: 4 }, () => cluster.cycle().decisions).flat();
    expect(waited).toEqual([]);
    expect(inShort(cluster.cycle().decisions)).toEqual(['small -1']);
  });
});

describe('AutoScalerTest: sizes', () => {
  const rule = { minIdle: 2, maxIdle: 5 };

  test('AutoScalerTest.testRuleWithMinSize: of 12 idle agents 2 go when 10 are the minimum', () => {
    const cluster = new Cluster({ rules: [ruleOf('cluster1', { ...rule, minSize: 10 })] });
    cluster.grow('cluster1', 12, SMALL);
    const { decisions } = cluster.wait(4);
    expect(inShort(decisions)).toEqual(['cluster1 -2']);
    expect(decisions[0].reasons.map(({ kind }) => kind)).toEqual(['excess-idle', 'min-size']);
  });

  test('AutoScalerTest.testRuleWithMinSize2: of 8 idle agents none goes when 10 are the minimum; unlike Fenzo, 2 come', () => {
    const cluster = new Cluster({ rules: [ruleOf('cluster1', { ...rule, minSize: 10 })] });
    cluster.grow('cluster1', 8, SMALL);
    const seen = Array.from({ length: 8 }, () => inShort(cluster.cycle().decisions)).flat();
    expect(seen).toEqual(['cluster1 +2']);
  });

  test('AutoScalerTest.testRuleWithMaxSize: with 8 of 10 agents used, 2 come', () => {
    const cluster = new Cluster({ rules: [ruleOf('cluster1', { minIdle: 4, maxIdle: 5, maxSize: 10 })] });
    cluster.grow('cluster1', 8, SMALL);
    cluster.cycle(tasksOf(8, FILL));
    const { decisions } = cluster.wait(COOL_DOWN_CYCLES);
    expect(inShort(decisions)).toEqual(['cluster1 +2']);
    expect(decisions[0].reasons.map(({ kind, agents }) => [kind, agents])).toEqual([
      ['min-idle', 5],
      ['max-size', 2],
    ]);
  });

  test('AutoScalerTest.testRuleWithMaxSize2: with 12 agents used, none comes when 10 are the maximum', () => {
    const cluster = new Cluster({ rules: [ruleOf('cluster1', { ...rule, maxSize: 10 })] });
    cluster.grow('cluster1', 12, SMALL);
    cluster.cycle(tasksOf(12, FILL));
    const { decisions, held } = cluster.wait(5);
    expect(decisions).toEqual([]);
    expect(held.map(({ kind, agents, reason }) => [kind, agents, reason.kind])).toEqual([
      ['scale-up', 5, 'max-size'],
    ]);
  });
});

describe('AutoScalerTest: tasks and pools', () => {
  test('AutoScalerTest.testTask2ClustersGetterAggressiveScaleUp: 60 failed tasks grow the pool they may grow, by 60', () => {
    const cluster = new Cluster({ rules: [ruleOf('cluster1'), ruleOf('cluster2')] });
    cluster.poolsOf = () => ['cluster1'];
    cluster.grow('cluster1', 5, SMALL);
    expect(cluster.cycle(tasksOf(20, { resources: { cpu: 1 } })).result.failures).toEqual([]);
    expect(inShort(cluster.wait(COOL_DOWN_CYCLES).decisions)).toEqual(['cluster1 +10', 'cluster2 +10']);
    const { decisions, counted } = cluster.cycle(tasksOf(60, { resources: { cpu: 1 } }, 'later'));
    expect(inShort(decisions)).toEqual(['cluster1 +60']);
    expect(counted).toHaveLength(60);
  });

  test('AutoScalerTest.testAutoscalerBlockingCallback: no callback blocks; agents that are to go are disabled at once', () => {
    const rules = ['cluster1', 'cluster2'].map((pool) =>
      ruleOf(pool, { minIdle: 1, maxIdle: 1, coolDownMs: 1000, maxSize: 2 }),
    );
    const cluster = new Cluster({ rules });
    for (const { pool } of rules) cluster.grow(pool, 2, SMALL);
    const leaving = cluster
      .wait(4)
      .decisions.flatMap((decision) => (decision.kind === 'scale-down' ? decision.agents : []));
    expect(leaving).toHaveLength(2);
    cluster.nowMs -= 500;
    const { placements, failures } = cluster.cycle(tasksOf(3, FILL)).result;
    expect(failures).toHaveLength(1);
    expect(placements.filter(({ agent }) => leaving.includes(agent))).toEqual([]);
  });
});

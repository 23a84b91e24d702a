/**
 * The behaviours of Fenzo's tests about shortfall, one test each under its name. Where Fenzo clones pseudo hosts from
 * those it has seen, ours takes the template of the rule.
 */
import { Scheduler } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import {
  AutoScaler,
  exactShortfall,
  type FailedTask,
  type PoolRule,
  type ScaleDecision,
  whatIfShortfall,
} from '../src/index.ts';
import { Cluster, tasksOf } from './cluster.ts';

const FOUR_CORES = { resources: { cpu: 4, memory: 4000 } };
const EIGHT_CORES = { resources: { cpu: 8, memory: 8000 } };
const ONE_CORE = { resources: { cpu: 1, memory: 1000 } };

function counts(decisions: readonly ScaleDecision[]): [string, number][] {
  return decisions.map((decision) => [decision.pool, decision.kind === 'scale-up' ? decision.count : NaN]);
}

describe('ShortfallAutoscalerTest', () => {
  const rule: PoolRule = { pool: 'four', minIdle: 1, maxIdle: 1, coolDownMs: 5000, template: FOUR_CORES };

  function clusterWith(rules: PoolRule[]): Cluster {
    return new Cluster((scheduler) => ({ rules, shortfall: whatIfShortfall(scheduler) }));
  }

  function growsForTasks(active?: boolean): void {
    const cluster = clusterWith([rule]);
    cluster.grow('four', 2, FOUR_CORES, active);
    const first = cluster.cycle(tasksOf(32, ONE_CORE));
    expect(first.result.placements).toHaveLength(8);
    expect(counts(first.decisions)).toEqual([['four', 6]]);
    expect(first.counted).toHaveLength(24);
    const second = cluster.cycle(tasksOf(12, ONE_CORE, 'new'));
    expect(counts(second.decisions)).toEqual([['four', 3]]);
  }

  test('ShortfallAutoscalerTest.testShortfallScaleUp1group: 24 failed tasks need 6 agents of 4 cores, 12 more need 3', () => {
    growsForTasks();
  });

  test('ShortfallAutoscalerTest.testShortfallScaleUp1groupWithActiveVms: the same with agents of an active group', () => {
    growsForTasks(true);
  });

  test('ShortfallAutoscalerTest.testShortfallScaleup2groups: each pool grows to its maximum, 4 - 3 and 10 - 1', () => {
    const cluster = clusterWith([
      { ...rule, maxSize: 4 },
      { ...rule, pool: 'eight', maxSize: 10, template: EIGHT_CORES },
    ]);
    cluster.grow('four', 3, FOUR_CORES);
    cluster.grow('eight', 1, EIGHT_CORES);
    const { result, decisions } = cluster.cycle(tasksOf(2 * (4 * 4 + 8 * 10), ONE_CORE));
    expect(result.placements).toHaveLength(3 * 4 + 8);
    expect(counts(decisions)).toEqual([
      ['eight', 9],
      ['four', 1],
    ]);
  });
});

describe('NaiveShortfallEvaluatorTest', () => {
  test('NaiveShortfallEvaluatorTest.testShortfallAdjusting: two tasks need two agents, half of it where the rule says so', () => {
    const base = { minIdle: 0, maxIdle: 10, coolDownMs: 600_000 };
    const scaler = new AutoScaler({
      rules: [
        { ...base, pool: 'std' },
        { ...base, pool: 'adjusted', adjustShortfall: (agents) => agents / 2 },
      ],
    });
    const failedTasks = ['std', 'adjusted'].flatMap((pool) =>
      tasksOf(2, ONE_CORE, pool).map((task): FailedTask => ({
        task,
        kind: 'unrecognized',
        waitingSinceMs: 0,
        pools: [pool],
      })),
    );
    expect(counts(scaler.evaluate({ agents: [], failedTasks }, 0).decisions)).toEqual([
      ['adjusted', 1],
      ['std', 2],
    ]);
  });
});

describe('VMCollectionTest', () => {
  test('VMCollectionTest.clonePseudoVMsForGroups: of 6 agents wanted, the what-if opens 1, because 3 of at most 4 exist', () => {
    const cluster = new Cluster((scheduler) => ({
      rules: [{ pool: 'four', minIdle: 0, maxIdle: 0, maxSize: 4, coolDownMs: 1000, template: FOUR_CORES }],
      shortfall: whatIfShortfall(scheduler),
    }));
    cluster.grow('four', 3, FOUR_CORES);
    cluster.cycle(tasksOf(12, ONE_CORE));
    const { decisions, counted } = cluster.cycle(tasksOf(24, ONE_CORE, 'new'));
    expect(counts(decisions)).toEqual([['four', 1]]);
    expect(counted).toHaveLength(4);
    expect(cluster.scheduler.agents()).toHaveLength(3);
  });

  test('VMCollectionTest.testWithInactiveAgents: what virtual agents look like comes from the template, not from agents', () => {
    const scheduler = new Scheduler();
    for (const group of ['val1', 'val2']) {
      for (const id of [`${group}-a`, `${group}-b`])
        scheduler.addAgent({ ...EIGHT_CORES, id, attributes: { group } });
    }
    for (const id of scheduler.agents()) scheduler.drainAgent(id);
    const template = { ...FOUR_CORES, attributes: { group: 'val2' } };
    const { pools, placed, unplaced } = exactShortfall(
      scheduler,
      [{ pool: 'four', room: 7, template }],
      tasksOf(32, ONE_CORE),
    );
    expect(pools.map(({ pool, agents }) => [pool, agents])).toEqual([['four', 7]]);
    expect([placed.length, unplaced.length]).toEqual([0, 4]);
  });
});

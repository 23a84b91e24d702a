/** The rebalancer of `@stowage/planning` works within the budgets of jobs. */
import { fitness, PlacementEngine } from '@stowage/core';
import { type DisruptionBudget, freeAgents, planRebalance } from '@stowage/planning';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evictionQuota } from '../../src/disruption/eviction-quota.ts';
import { rebalanceBudget, type RebalanceContext } from '../../src/disruption/rebalance-budget.ts';
import type { JobState } from '../../src/model/job-state.ts';
import type { TaskRef } from '../../src/model/task-record.ts';
import type { DisruptionBudget as JobBudget } from '../../src/spec/job-spec.ts';
import { budget, HOUR_MS, jobOf, NO_FLOOR, refOf, started, withState } from './fixtures.ts';
import { anyBudget } from './oracle.ts';

const NOW_MS = 10 * HOUR_MS;
const fullest = fitness('fullest', (_, agent) => agent.total('cpu') - agent.free('cpu'), 'agent');

/** A cluster in which each task stands on an agent of its own, so that there is much to gain. */
function scattered(states: readonly JobState[]): {
  readonly engine: PlacementEngine;
  readonly budgetOf: (rest?: Partial<RebalanceContext<number>>) => DisruptionBudget<number>;
  readonly jobOfTask: (handle: number) => string;
} {
  const engine = new PlacementEngine({ fitness: fullest });
  const refs = new Map<number, { readonly jobId: string; readonly task: TaskRef }>();
  for (const state of states) {
    for (let index = 0; index < state.slots.length; index++) {
      const row = engine.addAgent({ resources: { cpu: 10 } });
      const handle = engine.placeOn(engine.defineClass({ resources: { cpu: 1 } }), row);
      refs.set(handle, { jobId: state.job.id, task: refOf(state, index) });
    }
  }
  const jobs = (id: string): JobState | undefined => states.find(({ job }) => job.id === id);
  return {
    engine,
    budgetOf: (rest = {}) =>
      rebalanceBudget(jobs, { nowMs: NOW_MS, taskOf: (handle: number) => refs.get(handle), ...rest }),
    jobOfTask: (handle) => refs.get(handle)!.jobId,
  };
}

function migrationsOf(
  { engine, jobOfTask }: Pick<ReturnType<typeof scattered>, 'engine' | 'jobOfTask'>,
  limits: DisruptionBudget<number>,
): Record<string, number> {
  const moved: Record<string, number> = {};
  const { steps } = planRebalance(engine, { goals: [freeAgents()], budget: limits });
  for (const { task } of steps.flatMap(({ migrations }) => migrations)) {
    const job = jobOfTask(task);
    moved[job] = (moved[job] ?? 0) + 1;
  }
  return moved;
}

test('a rebalance plan never takes more of a job than its quota, nor more than the system allows', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anyBudget, fc.nat(6)), { minLength: 1, maxLength: 4 }),
      fc.nat(10),
      (sketches, systemAllowed) => {
        const states = sketches.map(([rules, size], at) =>
          jobOf({ id: `j${at}`, budget: rules, tasks: started(size) }),
        );
        const cluster = scattered(states);
        const moved = migrationsOf(cluster, cluster.budgetOf({ systemAllowed }));
        for (const state of states) {
          const quota = evictionQuota(state, { nowMs: NOW_MS }).allowed;
          expect(moved[state.job.id] ?? 0).toBeLessThanOrEqual(quota);
        }
        const sum = Object.values(moved).reduce((total, count) => total + count, 0);
        expect(sum).toBeLessThanOrEqual(systemAllowed);
      },
    ),
    { numRuns: 200 },
  );
});

test('it uses the quota that there is', () => {
  const cluster = scattered([
    jobOf({ id: 'a', budget: budget({ kind: 'unhealthyTasks', limit: 2 }), tasks: started(6) }),
    jobOf({ id: 'b', budget: budget({ kind: 'unhealthyTasks', limit: 1 }), tasks: started(6) }),
  ]);
  expect(migrationsOf(cluster, cluster.budgetOf())).toEqual({ a: 2, b: 1 });
});

describe('tasks that stay', () => {
  const free = budget(NO_FLOOR);
  const movable = (state: JobState, index: number): boolean =>
    rebalanceBudget<TaskRef>(() => state, {
      nowMs: NOW_MS,
      taskOf: (task) => ({ jobId: state.job.id, task }),
    }).movable(refOf(state, index));
  const single = (rules: JobBudget, attributes = {}): JobState =>
    jobOf({ budget: rules, tasks: started(2), attributes });

  test('those of jobs whose owner is to be told first', () => {
    expect(movable(single(free), 0)).toBe(true);
    expect(movable(single(budget({ kind: 'selfManaged', relocationTimeMs: 0 })), 0)).toBe(false);
  });

  test('those of jobs that may not be relocated', () => {
    expect(movable(single(free, { 'stowage.relocation.notAllowed': 'true' }), 0)).toBe(false);
  });

  test('those that are not started, and those that a relocation limit keeps', () => {
    expect(movable(withState(single(free), 1, 'launched'), 1)).toBe(false);
    const tasks = [{ state: 'started', evictionResubmits: 1 } as const, ...started(1)];
    const limited = jobOf({ budget: budget({ kind: 'relocations', limit: 1 }), tasks });
    expect([movable(limited, 0), movable(limited, 1)]).toEqual([false, true]);
  });

  test('those of no job, and of jobs that are not active', () => {
    const none = rebalanceBudget<number>(() => undefined, {
      nowMs: NOW_MS,
      taskOf: (task) => (task === 0 ? undefined : { jobId: 'gone', task: { index: 0, taskId: 'gone.1' } }),
    });
    expect([none.movable(0), none.movable(1)]).toEqual([false, false]);
    expect([none.groups.of(0), none.groups.of(1)]).toEqual([undefined, 'gone']);
    expect(none.groups.maxMigrations('gone')).toBe(0);
  });
});

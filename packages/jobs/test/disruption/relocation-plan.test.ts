/** Relocation plans: within all budgets, owners told first, agents emptied one after the other. */
import { StowageError } from '@stowage/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { admitEviction } from '../../src/disruption/admit-eviction.ts';
import {
  NO_RELOCATIONS,
  type RelocationMemory,
  type RelocationPlan,
} from '../../src/disruption/relocation-need.ts';
import { planRelocations } from '../../src/disruption/relocation-plan.ts';
import { SystemEvictionQuota } from '../../src/disruption/system-quota.ts';
import { budget, evicted, jobOf, refOf, started, withState } from './fixtures.ts';
import {
  anyWorld,
  contextOf,
  evictionsLookingAnew,
  FREE,
  idsOf,
  needsOf,
  NOW_MS,
  ONE_AN_HOUR,
  selfManaged,
} from './relocation-fixtures.ts';

describe('budgets', () => {
  test('every planned eviction is admitted by its job and by the system, one after the other', () => {
    let evictions = 0;
    fc.assert(
      fc.property(anyWorld, ({ jobs, needs, systemAllowed }) => {
        const context = contextOf(jobs, { systemAllowed });
        const plan = planRelocations(NO_RELOCATIONS, needs, context);
        const system = new SystemEvictionQuota({ burst: Math.max(1, systemAllowed) });
        if (systemAllowed === 0) expect(plan.evictions).toEqual([]);
        const states = new Map(jobs.map((state) => [state.job.id, state]));
        for (const { jobId, task } of plan.evictions) {
          const state = states.get(jobId)!;
          expect(admitEviction(state, task, system, context)).toBeUndefined();
          states.set(jobId, evicted(state, task, NOW_MS));
          evictions++;
        }
      }),
      { numRuns: 500 },
    );
    expect(evictions).toBeGreaterThan(500);
  });

  test('what is left over would breach a budget, or may not go', () => {
    fc.assert(
      fc.property(anyWorld, ({ jobs, needs, systemAllowed }) => {
        const context = contextOf(jobs, { systemAllowed });
        const plan = planRelocations(NO_RELOCATIONS, needs, context);
        const system = new SystemEvictionQuota({ burst: systemAllowed + 1 });
        const states = new Map(jobs.map((state) => [state.job.id, state]));
        for (const { jobId, task } of plan.evictions) {
          system.take(NOW_MS);
          states.set(jobId, evicted(states.get(jobId)!, task, NOW_MS));
        }
        if (plan.evictions.length === systemAllowed) return;
        const planned = new Set(idsOf(plan.evictions));
        for (const { jobId, task, deadlineMs } of plan.memory.pending) {
          if (planned.has(task.taskId) || (deadlineMs ?? 0) > NOW_MS) continue;
          expect(admitEviction(states.get(jobId)!, task, system, context)).toBeDefined();
        }
      }),
      { numRuns: 500 },
    );
  });

  test('tasks that are not started, are ending or unknown are not evicted', () => {
    const tasks = [
      'started',
      'accepted',
      'launched',
      'start-initiated',
      'kill-initiated',
      'finished',
    ] as const;
    const state = jobOf({ budget: FREE, tasks });
    const ending = jobOf({ id: 'k', budget: FREE, tasks: started(1), status: 'kill-initiated' });
    const gone = jobOf({ id: 'gone', budget: FREE, tasks: started(1) });
    const stale = { ...needsOf(state, 'a')[0], task: { index: 0, taskId: 'j.0' } };
    const needs = [stale, ...needsOf(state, 'aaaaaa'), ...needsOf(ending, 'b'), ...needsOf(gone, 'c')];
    const plan = planRelocations(NO_RELOCATIONS, needs, contextOf([state, ending]));
    expect(idsOf(plan.evictions)).toEqual(['j.1']);
    expect(idsOf(plan.memory.pending)).toEqual(['j.1', 'j.3', 'j.4']);
  });

  test('a relocation limit keeps its task and lets the others of the job go', () => {
    const tasks = [{ state: 'started', evictionResubmits: 1 } as const, ...started(2)];
    const state = jobOf({ budget: budget({ kind: 'relocations', limit: 1 }), tasks });
    const plan = planRelocations(NO_RELOCATIONS, needsOf(state, 'aaa'), contextOf([state]));
    expect(idsOf(plan.evictions)).toEqual(['j.2', 'j.3']);
  });
});

describe('the order', () => {
  test('is that of looking at all agents anew each time', () => {
    fc.assert(
      fc.property(anyWorld, ({ jobs, needs, systemAllowed }) => {
        const context = contextOf(jobs, { systemAllowed });
        const plan = planRelocations(NO_RELOCATIONS, needs, context);
        expect(idsOf(plan.evictions)).toEqual(evictionsLookingAnew(plan, needs, context));
      }),
      { numRuns: 500 },
    );
  });

  test('an agent that can be emptied goes before one that cannot, then the one with the fewest left', () => {
    const free = jobOf({ id: 'f', budget: FREE, tasks: started(5) });
    const tight = jobOf({ id: 't', budget: ONE_AN_HOUR, tasks: started(4) });
    // a: one free, three tight: two would be left. b: two free. c: one free, one tight.
    const needs = [...needsOf(free, 'abbca').slice(0, 4), ...needsOf(tight, 'aaac')];
    const plan = planRelocations(NO_RELOCATIONS, needs, contextOf([free, tight]));
    expect(idsOf(plan.evictions)).toEqual(['f.2', 'f.3', 'f.4', 't.4', 'f.1']);
  });

  test('of agents that are equal, the lower id goes first, whatever the order of the needs', () => {
    const state = jobOf({ budget: FREE, tasks: started(4) });
    const needs = needsOf(state, 'dcba');
    const plan = planRelocations(NO_RELOCATIONS, needs, contextOf([state], { systemAllowed: 2 }));
    expect(idsOf(plan.evictions)).toEqual(['j.4', 'j.3']);
    const reversed = planRelocations(
      NO_RELOCATIONS,
      needs.slice().reverse(),
      contextOf([state], { systemAllowed: 2 }),
    );
    expect(reversed).toEqual(plan);
  });

  test('on one agent the oldest needs go first', () => {
    const state = jobOf({ budget: budget({ kind: 'unhealthyTasks', limit: 1 }), tasks: started(3) });
    const [first, second, third] = needsOf(state, 'aaa');
    const closed = { systemAllowed: 0 };
    const { memory } = planRelocations(NO_RELOCATIONS, [third], contextOf([state], closed));
    const later = contextOf([state], { nowMs: NOW_MS + 1 });
    expect(idsOf(planRelocations(memory, [first, second, third], later).evictions)).toEqual(['j.3']);
  });
});

describe('self-managed jobs', () => {
  const state = jobOf({ budget: selfManaged(1000), tasks: started(2) });
  const needs = needsOf(state, 'aa');
  const plan = (memory: RelocationMemory, nowMs: number, given = needs, now = state): RelocationPlan =>
    planRelocations(memory, given, contextOf([now], { nowMs }));

  test('are announced once, keep their time, and are evicted from the deadline on', () => {
    const first = plan(NO_RELOCATIONS, 0);
    expect(first.announced.map(({ deadlineMs }) => deadlineMs)).toEqual([1000, 1000]);
    expect(first.evictions).toEqual([]);
    const second = plan(first.memory, 999);
    expect(second.announced).toEqual([]);
    expect(second.evictions).toEqual([]);
    const third = plan(second.memory, 1000);
    expect(third.announced).toEqual([]);
    expect(idsOf(third.evictions)).toEqual(['j.1', 'j.2']);
  });

  test('an eviction that was planned and not carried out is planned again at once', () => {
    const due = plan(plan(NO_RELOCATIONS, 0).memory, 1000);
    expect(idsOf(plan(due.memory, 1001).evictions)).toEqual(['j.1', 'j.2']);
  });

  test('immediately skips the announcement and keeps to the budget', () => {
    const urgent = needsOf(state, 'aa', { immediately: true });
    const held = contextOf([state], {
      selfManaged: { ...FREE, policy: { kind: 'unhealthyTasks', limit: 1 } },
    });
    const urged = planRelocations(NO_RELOCATIONS, urgent, held);
    expect(urged.announced).toEqual([]);
    expect(idsOf(urged.evictions)).toEqual(['j.1']);
  });

  test('a need that becomes immediate does not wait for the deadline; one of two statements is enough', () => {
    const first = plan(NO_RELOCATIONS, 0);
    const urgent = [...needs, { ...needs[1], immediately: true, agentId: 'other' }];
    const second = plan(first.memory, 1, urgent);
    expect(second.evictions).toMatchObject([{ task: { taskId: 'j.2' }, agentId: 'a', deadlineMs: 1000 }]);
  });

  test('a promised deadline stays when the owner changes the time', () => {
    const { memory } = plan(NO_RELOCATIONS, 0);
    const longer = jobOf({ budget: selfManaged(9000), tasks: started(2) });
    expect(idsOf(plan(memory, 1000, needs, longer).evictions)).toEqual(['j.1', 'j.2']);
  });

  test('a task that starts after its deadline goes as soon as it is started', () => {
    const starting = withState(state, 0, 'start-initiated');
    const { memory } = plan(NO_RELOCATIONS, 0, needs, starting);
    const waiting = plan(memory, 2000, needs, starting);
    expect(idsOf(waiting.evictions)).toEqual(['j.2']);
    expect(idsOf(plan(waiting.memory, 2001, needs.slice(0, 1), state).evictions)).toEqual(['j.1']);
  });

  test('a need that is gone is cancelled, and starts anew when it comes back', () => {
    const { memory } = plan(NO_RELOCATIONS, 0);
    const second = plan(memory, 500, needs.slice(1));
    expect(second.cancelled).toMatchObject([{ task: { taskId: 'j.1' }, deadlineMs: 1000, cause: 'no-need' }]);
    const third = plan(second.memory, 600);
    expect(third.announced).toMatchObject([{ task: { taskId: 'j.1' }, deadlineMs: 1600 }]);
    expect(third.cancelled).toEqual([]);
  });

  test('a task that its owner has moved, or that was evicted, ends its announcement', () => {
    const due = plan(plan(NO_RELOCATIONS, 0).memory, 1000);
    const after = plan(
      due.memory,
      1001,
      needs,
      withState(evicted(state, refOf(state, 0), 1000), 1, 'finished'),
    );
    expect(after.cancelled).toMatchObject([
      { task: { taskId: 'j.1' }, cause: 'task-gone' },
      { task: { taskId: 'j.2' }, cause: 'task-gone' },
    ]);
    expect(after.memory).toEqual(NO_RELOCATIONS);
  });
});

describe('exemption', () => {
  const attributes = { 'stowage.relocation.notAllowed': 'true' };

  test('a job that may not be relocated is neither announced nor evicted', () => {
    const own = jobOf({ budget: selfManaged(0), tasks: started(1), attributes });
    const other = jobOf({ id: 'k', budget: FREE, tasks: started(1), attributes });
    const needs = [...needsOf(own, 'a', { immediately: true }), ...needsOf(other, 'a')];
    expect(planRelocations(NO_RELOCATIONS, needs, contextOf([own, other]))).toEqual({
      memory: NO_RELOCATIONS,
      announced: [],
      evictions: [],
      cancelled: [],
    });
  });

  test('set later, it cancels what was announced', () => {
    const before = jobOf({ budget: selfManaged(1000), tasks: started(1) });
    const { memory } = planRelocations(NO_RELOCATIONS, needsOf(before, 'a'), contextOf([before]));
    const after = jobOf({ budget: selfManaged(1000), tasks: started(1), attributes });
    const plan = planRelocations(memory, needsOf(after, 'a'), contextOf([after]));
    expect(plan.cancelled).toMatchObject([{ cause: 'no-need' }]);
    expect(plan.memory).toEqual(NO_RELOCATIONS);
  });

  test('any other value allows relocation', () => {
    const state = jobOf({
      budget: FREE,
      tasks: started(1),
      attributes: { 'stowage.relocation.notAllowed': 'false' },
    });
    expect(planRelocations(NO_RELOCATIONS, needsOf(state, 'a'), contextOf([state])).evictions).toHaveLength(
      1,
    );
  });
});

test.each([
  { nowMs: NaN },
  { systemAllowed: -1 },
  { systemAllowed: NaN },
  { patienceMs: -1 },
  { patienceMs: NaN },
])('%j is refused', (wrong) => {
  const call = (): unknown => planRelocations(NO_RELOCATIONS, [], contextOf([], wrong));
  expect(call).toThrow(StowageError);
  expect(call).toThrow('INVALID_JOB_OPTION');
});

/** Relocation over many plans: nobody is forgotten, every announcement ends once, and plans are values. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  NO_RELOCATIONS,
  type RelocationMemory,
  type RelocationNeed,
} from '../../src/disruption/relocation-need.ts';
import { planRelocations } from '../../src/disruption/relocation-plan.ts';
import { taskAt } from '../../src/model/task-slots.ts';
import { budget, evicted, HOUR_MS, jobOf, NO_FLOOR, refOf, replaced, started } from './fixtures.ts';
import { anyPolicy, anyRate } from './oracle.ts';
import { anyWorld, contextOf, FREE, idsOf, needsOf, NOW_MS, selfManaged } from './relocation-fixtures.ts';

describe('nobody starves', () => {
  /** One crowded agent; in each of many plans another agent comes that is easier to empty. One eviction per plan. */
  function plansUntilServed(patienceMs: number): number | undefined {
    let state = jobOf({ budget: FREE, tasks: started(100) });
    const crowded = needsOf(state, 'zzz');
    let memory = NO_RELOCATIONS;
    for (let plans = 1; plans <= 60; plans++) {
      const newcomer = {
        jobId: 'j',
        task: refOf(state, 2 + plans),
        agentId: `a${plans}`,
        reason: 'drain',
      } as const;
      const nowMs = NOW_MS + plans * 60_000;
      const context = contextOf([state], { nowMs, patienceMs, systemAllowed: 1 });
      const plan = planRelocations(memory, [...crowded, newcomer], context);
      expect(plan.evictions).toHaveLength(1);
      const [{ task }] = plan.evictions;
      if (task.index < 3) return plans;
      state = replaced(evicted(state, task, nowMs), task.index);
      memory = plan.memory;
    }
    return undefined;
  }

  test('a crowded agent that is passed over again and again is served when its patience ends', () => {
    expect(plansUntilServed(1_000_000_000)).toBeUndefined();
    expect(plansUntilServed(10 * 60_000)).toBe(11);
    expect(plansUntilServed(0)).toBe(2);
  });

  test('an overdue need takes its part of the budget once, and the rest is there for the others', () => {
    const state = jobOf({ budget: FREE, tasks: started(2) });
    const [overdue, other] = needsOf(state, 'ab');
    const { memory } = planRelocations(NO_RELOCATIONS, [overdue], contextOf([state]));
    const passedOver = { pending: memory.pending.map((each) => ({ ...each, passedOverMs: 0 })) };
    const plan = planRelocations(passedOver, [overdue, other], contextOf([state], { systemAllowed: 2 }));
    expect(idsOf(plan.evictions)).toEqual(['j.1', 'j.2']);
  });

  test('waiting for a budget is not being passed over: then agents are still emptied one after the other', () => {
    const state = jobOf({ budget: FREE, tasks: started(4) });
    const [first, ...others] = needsOf(state, 'zaaz');
    const shut = { systemAllowed: 0 };
    const one = planRelocations(NO_RELOCATIONS, [first], contextOf([state], shut));
    const two = planRelocations(
      one.memory,
      [first, ...others],
      contextOf([state], { ...shut, nowMs: NOW_MS + 1 }),
    );
    const open = contextOf([state], { systemAllowed: 2, nowMs: NOW_MS + 20 * HOUR_MS });
    expect(idsOf(planRelocations(two.memory, [first, ...others], open).evictions)).toEqual(['j.2', 'j.3']);
  });

  test('of one job nobody goes before an older need that is overdue and due', () => {
    const plans = fc.array(
      fc.record({
        stepMs: fc.nat(1000),
        systemAllowed: fc.nat(3),
        added: fc.array(fc.tuple(fc.nat(39), fc.constantFrom('a', 'b', 'c', 'd')), { maxLength: 6 }),
      }),
      { minLength: 5, maxLength: 25 },
    );
    fc.assert(
      fc.property(plans, anyRate, (steps, rate) => {
        let state = jobOf({ budget: budget(NO_FLOOR, rate), tasks: started(40) });
        let needs: RelocationNeed[] = [];
        let memory = NO_RELOCATIONS;
        let nowMs = NOW_MS;
        for (const { stepMs, systemAllowed, added } of steps) {
          nowMs += stepMs;
          for (const [index, agentId] of added) {
            const task = { index, taskId: taskAt(state.slots, index)!.id };
            needs.push({ jobId: 'j', task, agentId, reason: 'rebalance' });
          }
          const patienceMs = 1500;
          const passedOver = new Map(
            memory.pending.map(({ task, passedOverMs = Infinity }) => [task.taskId, passedOverMs]),
          );
          const plan = planRelocations(
            memory,
            needs,
            contextOf([state], { nowMs, patienceMs, systemAllowed }),
          );
          const gone = new Set(idsOf(plan.evictions));
          const since = (id: string): number => passedOver.get(id) ?? Infinity;
          const latestGone = Math.max(-Infinity, ...[...gone].map(since));
          for (const { task } of plan.memory.pending) {
            const isOverdue = since(task.taskId) <= nowMs - patienceMs;
            if (isOverdue && !gone.has(task.taskId))
              expect(latestGone).toBeLessThanOrEqual(since(task.taskId));
          }
          for (const { task } of plan.evictions) state = replaced(evicted(state, task, nowMs), task.index);
          needs = needs.filter(({ task }) => !gone.has(task.taskId));
          memory = plan.memory;
        }
      }),
      { numRuns: 300 },
    );
  });
});

test('over any history every announcement is kept or ends once, and memory survives JSON', () => {
  const step = fc.record({
    stepMs: fc.nat(2000),
    needed: fc.uniqueArray(fc.nat(7), { maxLength: 8 }),
    immediately: fc.boolean(),
    ends: fc.nat(15),
    carriesOut: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), anyPolicy, (steps, policy) => {
      const context = { selfManaged: budget(policy) as typeof FREE & { policy: typeof policy } };
      let state = jobOf({ budget: selfManaged(3000), tasks: started(8) });
      let memory = NO_RELOCATIONS;
      let nowMs = 0;
      const open = new Map<string, number>();
      for (const { stepMs, needed, immediately, ends, carriesOut } of steps) {
        nowMs += stepMs;
        if (ends < 8) state = replaced(state, ends);
        const needs = needed.map((index): RelocationNeed => {
          const taskId = taskAt(state.slots, index)!.id;
          return {
            jobId: 'j',
            task: { index, taskId },
            agentId: `a${index % 3}`,
            reason: 'drain',
            immediately,
          };
        });
        const here = contextOf([state], { nowMs, ...context });
        const plan = planRelocations(memory, needs, here);
        const stored = JSON.parse(JSON.stringify(memory)) as RelocationMemory;
        expect(JSON.stringify(planRelocations(stored, needs, here))).toBe(JSON.stringify(plan));
        for (const { task } of plan.cancelled) expect(open.delete(task.taskId)).toBe(true);
        for (const { task, deadlineMs } of plan.announced) {
          expect(open.has(task.taskId)).toBe(false);
          expect(deadlineMs).toBe(nowMs + 3000);
          open.set(task.taskId, deadlineMs!);
        }
        const announced = plan.memory.pending.filter(({ deadlineMs }) => deadlineMs !== undefined);
        expect(new Map(announced.map(({ task, deadlineMs }) => [task.taskId, deadlineMs]))).toEqual(open);
        for (const { task, deadlineMs } of plan.evictions) {
          if (!immediately) expect(deadlineMs).toBeLessThanOrEqual(nowMs);
          if (carriesOut) state = evicted(state, task, nowMs);
        }
        memory = plan.memory;
      }
    }),
    { numRuns: 500 },
  );
});

test('the same arguments give the same plan, and none of them is changed', () => {
  fc.assert(
    fc.property(anyWorld, ({ jobs, needs, systemAllowed }) => {
      const context = contextOf(jobs, { systemAllowed });
      const { memory } = planRelocations(NO_RELOCATIONS, needs.slice(0, 10), context);
      const before = JSON.stringify([memory, needs, jobs]);
      const plan = JSON.stringify(planRelocations(memory, needs, context));
      expect(JSON.stringify(planRelocations(memory, needs, context))).toBe(plan);
      expect(JSON.stringify([memory, needs, jobs])).toBe(before);
    }),
    { numRuns: 200 },
  );
});

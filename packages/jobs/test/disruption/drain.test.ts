/** Agents are drained for real: plans, the gate, the state machine and replacements work together until all have moved. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { admitEviction } from '../../src/disruption/admit-eviction.ts';
import { NO_RELOCATIONS, type RelocationNeed } from '../../src/disruption/relocation-need.ts';
import { planRelocations } from '../../src/disruption/relocation-plan.ts';
import { SystemEvictionQuota } from '../../src/disruption/system-quota.ts';
import { createJob } from '../../src/machine/create-job.ts';
import type { JobEffect } from '../../src/machine/job-effect.ts';
import type { JobEvent } from '../../src/machine/job-event.ts';
import { defaultJobPolicy } from '../../src/machine/job-policy.ts';
import { stepJob } from '../../src/machine/step-job.ts';
import type { JobState } from '../../src/model/job-state.ts';
import type { TaskRecord, TaskRef } from '../../src/model/task-record.ts';
import { tasksIn } from '../../src/model/task-slots.ts';
import type { DisruptionBudget } from '../../src/spec/job-spec.ts';
import { budget, HOUR_MS, jobOf, NO_FLOOR, started } from './fixtures.ts';
import { holds, rateOf, startedIn } from './oracle.ts';

const MINUTE_MS = 60_000;
const POLICY = defaultJobPolicy();

/** Jobs with an agent runtime of a few lines: what is launched starts, and what is killed ends, a while later. */
class Cell {
  readonly jobs = new Map<string, JobState>();
  readonly #coming: { readonly atMs: number; readonly jobId: string; readonly event: JobEvent }[] = [];
  #placed = 0;
  readonly #size: number;
  readonly #delayMs: number;
  readonly #draining: readonly string[];

  constructor(
    budgets: readonly DisruptionBudget[],
    size: number,
    delayMs: number,
    draining: readonly string[],
  ) {
    this.#size = size;
    this.#delayMs = delayMs;
    this.#draining = draining;
    budgets.forEach((rules, at) => {
      const { spec } = jobOf({ budget: rules, tasks: started(size) }).job;
      const { state, effects } = createJob(spec, `j${at}`, 0, POLICY);
      this.jobs.set(state.job.id, state);
      this.#carryOut(effects, 0);
    });
  }

  /** All that is due by a time happens. */
  advanceTo(nowMs: number): void {
    for (;;) {
      this.#coming.sort((a, b) => a.atMs - b.atMs);
      if ((this.#coming[0]?.atMs ?? Infinity) > nowMs) return;
      const { atMs, jobId, event } = this.#coming.shift()!;
      this.take(jobId, event, atMs);
    }
  }

  take(jobId: string, event: JobEvent, nowMs: number): void {
    const { state, effects, rejection } = stepJob(this.jobs.get(jobId)!, event, nowMs, POLICY);
    // Wake-ups of tasks that have been replaced come too late.
    if (event.kind !== 'wake') expect(rejection).toBeUndefined();
    this.jobs.set(jobId, state);
    this.#carryOut(effects, nowMs);
  }

  /** Tasks that are to leave. */
  needs(): RelocationNeed[] {
    return [...this.jobs.values()].flatMap(({ job, slots }) =>
      [...tasksIn(slots)]
        .filter(
          ({ placement, status }) => status.state !== 'finished' && this.#isDraining(placement?.agentId),
        )
        .map((task) => ({
          jobId: job.id,
          task: refTo(task),
          agentId: task.placement!.agentId,
          reason: 'drain' as const,
        })),
    );
  }

  #isDraining(agentId: string | undefined): boolean {
    return agentId !== undefined && this.#draining.includes(agentId);
  }

  #carryOut(effects: readonly JobEffect[], nowMs: number): void {
    for (const effect of effects) {
      if (effect.kind === 'enqueue') {
        // At the beginning on the agents that are drained later, then on others.
        const at = this.#placed++;
        const isFirst = at < this.#size * 4;
        const agentId = isFirst ? this.#draining[at % this.#draining.length] : `new${at % 5}`;
        const placement = { agentId, zone: undefined };
        this.#later(effect.task, { kind: 'placed', task: refTo(effect.task), placement }, nowMs);
      } else if (effect.kind === 'launch') {
        const event = { kind: 'task-status', task: refTo(effect.task), state: 'started' } as const;
        this.#later(effect.task, event, nowMs + this.#delayMs);
      } else if (effect.kind === 'kill') {
        const task = refTo(effect.task);
        const event = { kind: 'task-status', task, state: 'finished', reason: 'normal' } as const;
        this.#later(effect.task, event, nowMs + this.#delayMs / 2);
      } else if (effect.kind === 'wake') {
        this.#later(undefined, { kind: 'wake', task: effect.task }, effect.atMs);
      }
    }
  }

  #later(task: TaskRecord | undefined, event: JobEvent, atMs: number): void {
    const jobId = task?.jobId ?? ('task' in event ? event.task.taskId.split('.')[0] : '');
    this.#coming.push({ atMs, jobId, event });
  }
}

function refTo({ index, id }: TaskRecord): TaskRef {
  return { index, taskId: id };
}

describe('draining agents', () => {
  const budgets = [
    budget(
      { kind: 'availabilityPercentage', percentageOfHealthy: 75 },
      { kind: 'perInterval', intervalMs: 10 * MINUTE_MS, limit: 2 },
    ),
    budget({ kind: 'unhealthyTasks', limit: 1 }),
    budget({ kind: 'relocations', limit: 1 }, { kind: 'percentagePerHour', percentage: 50 }),
    budget({ kind: 'selfManaged', relocationTimeMs: 30 * MINUTE_MS }),
  ];

  test('all tasks move, within every budget, and self-managed ones not before their deadline', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 8 }),
        fc.integer({ min: 1, max: 150 }),
        fc.integer({ min: 1, max: 5 }),
        (size, delaySeconds, burst) => {
          const cell = new Cell(budgets, size, delaySeconds * 1000, ['a', 'b', 'c']);
          const system = new SystemEvictionQuota({ burst, refill: 1, refillIntervalMs: MINUTE_MS });
          const beginMs = HOUR_MS;
          const evictions = new Map<string, number[]>(budgets.map((_, at) => [`j${at}`, []]));
          let memory = NO_RELOCATIONS;
          let nowMs = beginMs;
          cell.advanceTo(nowMs);
          expect(cell.needs()).toHaveLength(4 * size);
          for (; cell.needs().length > 0; nowMs += MINUTE_MS) {
            expect(nowMs - beginMs).toBeLessThan(12 * HOUR_MS);
            cell.advanceTo(nowMs);
            const plan = planRelocations(memory, cell.needs(), {
              nowMs,
              job: (id) => cell.jobs.get(id),
              systemAllowed: system.allowed(nowMs),
            });
            memory = plan.memory;
            for (const { jobId, task } of plan.evictions) {
              expect(admitEviction(cell.jobs.get(jobId)!, task, system, { nowMs })).toBeUndefined();
              cell.take(jobId, { kind: 'evict-task', task }, nowMs);
              evictions.get(jobId)!.push(nowMs);
              const { policy, rate } = budgets[Number(jobId.slice(1))];
              expect(holds(policy, size, startedIn(cell.jobs.get(jobId)!).length)).toBe(true);
              const { most, intervalMs } = rateOf(rate, size);
              expect(
                evictions.get(jobId)!.filter((at) => nowMs - intervalMs < at).length,
              ).toBeLessThanOrEqual(most);
            }
          }
          expect(Math.min(...evictions.get('j3')!)).toBeGreaterThanOrEqual(beginMs + 30 * MINUTE_MS);
          for (const moved of evictions.values()) expect(moved).toHaveLength(size);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('an evicted task that ends normally has used its relocation', () => {
    const cell = new Cell([budget({ kind: 'relocations', limit: 1 })], 1, 1000, ['a', 'new4']);
    cell.advanceTo(HOUR_MS);
    const [first] = cell.needs();
    cell.take('j0', { kind: 'evict-task', task: first.task }, HOUR_MS);
    cell.advanceTo(2 * HOUR_MS);
    const [second] = startedIn(cell.jobs.get('j0')!);
    expect(second.id).not.toBe(first.task.taskId);
    const context = { nowMs: 2 * HOUR_MS, job: (id: string): JobState | undefined => cell.jobs.get(id) };
    const need = { ...first, task: refTo(second), agentId: 'new4' };
    expect(planRelocations(NO_RELOCATIONS, [need], context).evictions).toEqual([]);
    cell.take('j0', { kind: 'update-disruption-budget', budget: budget(NO_FLOOR) }, 2 * HOUR_MS);
    expect(planRelocations(NO_RELOCATIONS, [need], context).evictions).toHaveLength(1);
  });
});

import { Scheduler, type TaskSpec } from '@stowage/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scheduleBatch } from '../src/batch/schedule-batch.ts';
import { fullest, onePerAgent } from './cluster.ts';

interface Situation {
  readonly agents: readonly { readonly cpu: number; readonly memory: number; readonly draining: boolean }[];
  readonly running: readonly TaskSpec[];
  readonly tasks: readonly TaskSpec[];
}

const seldom = fc.nat(9).map((number) => number === 0);

function taskArbitrary(prefix: string, agents: number, most: number): fc.Arbitrary<TaskSpec[]> {
  const task = fc.record({
    cpu: fc.integer({ min: 0, max: 6 }),
    memory: fc.integer({ min: 0, max: 6 }),
    unique: seldom,
    agent: fc.tuple(seldom, fc.nat(agents)).map(([pinned, agent]) => (pinned ? agent : undefined)),
  });
  return fc.array(task, { maxLength: most, size: 'max' }).map((tasks) =>
    tasks.map(({ cpu, memory, unique, agent }, i) => ({
      id: `${prefix}${i}`,
      resources: { cpu, memory },
      ...(unique ? { job: 'u', constraints: [onePerAgent] } : {}),
      ...(agent === undefined ? {} : { agent: `a${agent}` }),
    })),
  );
}

const situationArbitrary: fc.Arbitrary<Situation> = fc
  .array(
    fc.record({
      cpu: fc.integer({ min: 6, max: 12 }),
      memory: fc.integer({ min: 6, max: 12 }),
      draining: seldom,
    }),
    { minLength: 1, maxLength: 6 },
  )
  .chain((agents) =>
    fc.record({
      agents: fc.constant(agents),
      running: taskArbitrary('r', agents.length, 3),
      tasks: taskArbitrary('t', agents.length, 16),
    }),
  );

function schedulerOf({ agents, running }: Situation): Scheduler {
  const scheduler = new Scheduler({ fitness: fullest });
  agents.forEach(({ cpu, memory }, i) => scheduler.addAgent({ id: `a${i}`, resources: { cpu, memory } }));
  scheduler.schedule(running);
  agents.forEach(({ draining }, i) => scheduler.drainAgent(`a${i}`, draining));
  return scheduler;
}

function outcomeOf(scheduler: Scheduler, placed: number): { placed: number; inUse: number } {
  const inUse = scheduler.agentStatuses().filter(({ taskCount }) => taskCount > 0).length;
  return { placed, inUse };
}

test('never places fewer tasks than one after the other, nor as many on more agents', () => {
  let better = 0;
  fc.assert(
    fc.property(situationArbitrary, fc.constantFrom(0, 500, undefined), (situation, maxSteps) => {
      const { tasks } = situation;
      const plain = schedulerOf(situation);
      const ordinary = outcomeOf(plain, plain.schedule(tasks).placements.length);
      const scheduler = schedulerOf(situation);
      const { placements, failures } = scheduleBatch(
        scheduler,
        tasks,
        maxSteps === undefined ? {} : { maxSteps },
      );
      const batch = outcomeOf(scheduler, placements.length);
      expect(batch.placed).toBeGreaterThanOrEqual(ordinary.placed);
      if (batch.placed === ordinary.placed) expect(batch.inUse).toBeLessThanOrEqual(ordinary.inUse);
      if (batch.placed > ordinary.placed || batch.inUse < ordinary.inUse) better++;

      const ids = (list: readonly { readonly task: string }[]): string[] => list.map(({ task }) => task);
      const asGiven = tasks.map(({ id }) => id);
      expect(ids(placements)).toEqual(asGiven.filter((id) => ids(placements).includes(id)));
      expect(ids(failures)).toEqual(asGiven.filter((id) => !ids(placements).includes(id)));
      for (const { task, agent } of placements) {
        expect(scheduler.agentOf(task)).toBe(agent);
        expect(tasks.find(({ id }) => id === task)!.agent ?? agent).toBe(agent);
      }
      expect(scheduler.verify()).toEqual([]);
    }),
    { numRuns: 400 },
  );
  // The property would hold of a batch that only did what `schedule` does, too.
  expect(better).toBeGreaterThan(20);
});

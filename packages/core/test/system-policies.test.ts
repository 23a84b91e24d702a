/**
 * Policies of the engine that hold for every class besides its own.
 */
import { asSoft, attributeEquals } from '@stowage/constraints';
import { binPacking, spreading } from '@stowage/fitness';
import { expect, test } from 'vitest';
import { type EngineOptions, fitness, Scheduler, type TaskRequirements } from '../src/index.ts';

function schedulerWith(options: EngineOptions = {}): Scheduler {
  const scheduler = new Scheduler(options);
  for (const [id, zone] of [
    ['a', 'x'],
    ['b', 'y'],
    ['c', 'y'],
  ])
    scheduler.addAgent({ id, resources: { cpu: 8 }, attributes: { zone, id } });
  return scheduler;
}

/** Where a task would go. */
function agentFor(scheduler: Scheduler, rest: Partial<TaskRequirements> = {}): string | undefined {
  return scheduler.whatIf(
    () => scheduler.schedule([{ id: 't', resources: { cpu: 1 }, ...rest }]).placements[0]?.agent,
  );
}

const inY = attributeEquals('zone', 'y');
const onC = attributeEquals('id', 'c');

test('constraints hold besides those of a task', () => {
  const scheduler = schedulerWith({ constraints: [inY] });
  expect(agentFor(scheduler)).toBe('b');
  expect(agentFor(scheduler, { constraints: [onC] })).toBe('c');
  expect(agentFor(scheduler, { constraints: [attributeEquals('zone', 'x')] })).toBeUndefined();
  expect(scheduler.explain({ resources: {} }).reasons.map(({ name }) => name)).toEqual([inY.name]);
});

test('preferences are added to those of a task', () => {
  const scheduler = schedulerWith({ softConstraints: [asSoft(inY)] });
  expect(agentFor(scheduler)).toBe('b');
  expect(agentFor(scheduler, { softConstraints: [asSoft(onC)] })).toBe('c');
  expect(agentFor(scheduler, { softConstraints: [asSoft(attributeEquals('id', 'a'))] })).toBe('a');
});

test('the fitness is for tasks without one', () => {
  const last = fitness('last', (_task, { row }) => row, 'agent');
  const scheduler = schedulerWith({ fitness: last });
  expect(agentFor(scheduler)).toBe('c');
  expect(agentFor(scheduler, { fitness: [] })).toBe('a');
});

test('what is exchanged counts at once, what is left out stays', () => {
  const scheduler = schedulerWith({ constraints: [inY], fitness: spreading('cpu') });
  scheduler.schedule([{ id: 'first', resources: { cpu: 1 } }]);
  expect(agentFor(scheduler)).toBe('c');
  scheduler.useFitness(binPacking('cpu'));
  expect(agentFor(scheduler)).toBe('b');
  scheduler.usePolicies({ softConstraints: [asSoft(attributeEquals('zone', 'x'))] });
  expect(agentFor(scheduler)).toBe('b');
  scheduler.usePolicies({ softConstraints: [asSoft(onC)] });
  expect(agentFor(scheduler)).toBe('c');
  scheduler.usePolicies({ constraints: [], softConstraints: [], fitness: [] });
  expect(agentFor(scheduler)).toBe('a');
  scheduler.usePolicies({ fitness: undefined, constraints: [onC] });
  expect(agentFor(scheduler)).toBe('c');
});

test('they do not undo with a transaction, and a restored scheduler is given its own', () => {
  const scheduler = schedulerWith();
  scheduler.whatIf(() => scheduler.usePolicies({ constraints: [inY] }));
  expect(agentFor(scheduler)).toBe('b');
  expect(agentFor(Scheduler.restore(scheduler.snapshot()))).toBe('a');
  expect(agentFor(Scheduler.restore(scheduler.snapshot(), { constraints: [onC] }))).toBe('c');
});

test('a running task may be adopted against them', () => {
  const scheduler = schedulerWith({ constraints: [inY] });
  expect(scheduler.adopt({ id: 't', resources: {} }, 'a').agent).toBe('a');
});

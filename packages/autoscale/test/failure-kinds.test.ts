/** From the engine's explanations to kinds of failures. */
import { exclusiveHost, uniqueHost } from '@stowage/constraints';
import { constraint, Scheduler, type TaskRequirements } from '@stowage/core';
import { expect, test } from 'vitest';
import { classifyFailure } from '../src/index.ts';

const guard = constraint('launch guard', () => 'a task is starting there');

function kindOf(task: TaskRequirements, prepare: (scheduler: Scheduler) => void = () => {}): string {
  const scheduler = new Scheduler();
  for (const id of ['a', 'b']) scheduler.addAgent({ id, resources: { cpu: 4 } });
  prepare(scheduler);
  return classifyFailure(scheduler.explain(task), { 'launch guard': 'launch-guard' });
}

const one = { resources: { cpu: 1 } };
const never = constraint('never', () => 'never');

test('classifies what the engine explains', () => {
  expect(classifyFailure(new Scheduler().explain(one))).toBe('no-active-agents');
  expect(kindOf(one, (scheduler) => ['a', 'b'].forEach((id) => scheduler.drainAgent(id)))).toBe(
    'no-active-agents',
  );
  expect(kindOf({ resources: { cpu: 5 } })).toBe('all-agents-full');
  expect(kindOf({ ...one, constraints: [never] })).toBe('job-hard-constraint');
  expect(kindOf({ ...one, constraints: [guard] })).toBe('launch-guard');
  expect(kindOf({ ...one, constraints: [guard, never] })).toBe('unrecognized');
  expect(kindOf({ resources: { cpu: 5 }, constraints: [never] })).toBe('all-agents-full');
  const lent = { kind: 'opportunistic', name: 'cpu', agents: 1, soleReason: 1 } as const;
  expect(classifyFailure({ agents: 1, feasible: 0, reasons: [lent] })).toBe('opportunistic-resource');
});

test('what refuses alone somewhere counts, system constraints first', () => {
  const mixed = constraint('mixed', (_task, agent) => agent.row === 0 || 'not here');
  const used = (scheduler: Scheduler): void => {
    scheduler.schedule([{ id: 'first', resources: { cpu: 4 } }]);
  };
  expect(kindOf({ ...one, constraints: [mixed] }, used)).toBe('all-agents-full');
  const guardedThere = constraint('launch guard', (_task, agent) => agent.row === 0 || 'starting');
  expect(kindOf({ ...one, constraints: [guardedThere] }, used)).toBe('launch-guard');
  const drained = (scheduler: Scheduler): void => scheduler.drainAgent('a');
  expect(kindOf({ ...one, constraints: [never] }, drained)).toBe('job-hard-constraint');
});

test('a claimed agent, and one that an exclusive task cannot claim, count as full', () => {
  const alone = { ...one, constraints: [exclusiveHost()] };
  const claim = (scheduler: Scheduler): void => {
    scheduler.schedule(['x', 'y'].map((id) => ({ ...alone, id })));
  };
  expect(kindOf(one, claim)).toBe('all-agents-full');
  const occupy = (scheduler: Scheduler): void => {
    scheduler.schedule(['x', 'y'].map((id) => ({ ...one, id, job: 'j', constraints: [uniqueHost()] })));
  };
  expect(kindOf(alone, occupy)).toBe('all-agents-full');
});

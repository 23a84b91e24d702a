/**
 * Tasks that name their agent: that one or none.
 */
import { binPacking } from '@stowage/fitness';
import { beforeEach, expect, test } from 'vitest';
import { constraint, Scheduler } from '../src/index.ts';

let scheduler: Scheduler;
const resources = { cpu: 1 };

beforeEach(() => {
  scheduler = new Scheduler({ fitness: binPacking('cpu') });
  for (const id of ['a', 'b']) scheduler.addAgent({ id, resources: { cpu: 2 } });
  scheduler.schedule([{ id: 'first', resources }]);
});

test('a pinned task goes to its agent, though another is better', () => {
  const tasks = [
    { id: 't', resources, agent: 'b' },
    { id: 'u', resources },
  ];
  expect(scheduler.schedule(tasks).placements.map(({ agent }) => agent)).toEqual(['b', 'a']);
});

test('it is refused where it is not feasible, and the explanation is about that agent', () => {
  const { failures } = scheduler.schedule([{ id: 't', resources: { cpu: 2 }, agent: 'a' }]);
  expect(failures[0].explanation).toEqual({
    agents: 1,
    feasible: 0,
    reasons: [{ kind: 'resource', name: 'cpu', agents: 1, soleReason: 1, leastShortfall: 1 }],
  });
  expect(scheduler.explain({ resources: { cpu: 2 } }).feasible).toBe(1);
  expect(scheduler.explain({ resources: { cpu: 2 }, agent: 'b' }).feasible).toBe(1);
});

test('constraints hold for it', () => {
  const notThere = constraint('not there', (_task, { row }) => row !== 1 || 'no');
  const { failures } = scheduler.schedule([{ id: 't', resources, agent: 'b', constraints: [notThere] }]);
  expect(failures[0].reason).toBe('none of 1 agents is feasible: 1 fail not there');
});

test('an agent that is not there is reported, and the other tasks are placed', () => {
  const { placements, failures } = scheduler.schedule([
    { id: 't', resources, agent: 'nobody' },
    { id: 'u', resources },
  ]);
  expect(placements.map(({ task }) => task)).toEqual(['u']);
  expect(failures.map(({ task, error }) => [task, error?.code])).toEqual([['t', 'UNKNOWN_AGENT']]);
  expect(failures[0].reason).toContain('"nobody"');
});

test('one that is not there fails its gang', () => {
  const gang = [
    { id: 't', resources },
    { id: 'u', resources, agent: 'nobody' },
  ];
  const { failures } = scheduler.schedule(gang, { allOrNothing: true });
  expect(failures.map(({ error }) => error?.code)).toEqual(['GANG_NOT_PLACED', 'UNKNOWN_AGENT']);
  expect(scheduler.engine.taskCount).toBe(1);
});

test('a reservation may be pinned too', () => {
  scheduler.schedule([{ id: 't', resources, agent: 'b' }], { reserve: true });
  expect([scheduler.agentOf('t'), scheduler.stageOf('t')]).toEqual(['b', 'reserved']);
});

test('pinned or not, equal requirements share a class', () => {
  const [first, second] = [
    { id: 't', resources, agent: 'b' },
    { id: 'u', resources },
  ];
  scheduler.schedule([first, second]);
  expect(scheduler.engine.placedOf(0)).toBe(3);
});

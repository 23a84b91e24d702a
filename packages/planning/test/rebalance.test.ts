import { PlacementEngine, Scheduler } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import {
  balanceAcross,
  freeAgents,
  migrate,
  namedPlan,
  planRebalance,
  type RebalanceGoal,
} from '../src/index.ts';
import { clusterOf, fullest, idleRows } from './cluster.ts';

const ZONES = ['a', 'a', 'b', 'b'];

describe('freeAgents', () => {
  test('empties the agent that costs least and says what it gains', () => {
    const { engine } = clusterOf(ZONES, [
      { row: 0, cpu: 300, job: 'x' },
      { row: 0, cpu: 300, job: 'x' },
      { row: 1, cpu: 400, job: 'x' },
      { row: 2, cpu: 700, job: 'x' },
    ]);
    expect(planRebalance(engine, { goals: [freeAgents()] })).toEqual({
      steps: [
        {
          goal: 'free agents',
          effect: 'leaves its agent empty',
          migrations: [{ task: 2, from: 1, to: 0 }],
          gain: 1,
          cost: 1,
        },
      ],
      migrations: 1,
      cost: 1,
    });
  });

  test('never moves tasks to agents that are empty, draining or to be emptied', () => {
    const { engine } = clusterOf(
      ['a', 'a', 'a', 'a'],
      [
        { row: 0, cpu: 600, job: 'x' },
        { row: 1, cpu: 600, job: 'x' },
        { row: 2, cpu: 100, job: 'x' },
      ],
    );
    engine.drainAgent(0);
    const { steps } = planRebalance(engine, { goals: [freeAgents()] });
    // The small one goes to the agent that is open; the draining one finds no room then.
    expect(steps.map(({ migrations }) => migrations)).toEqual([[{ task: 2, from: 2, to: 1 }]]);
  });

  test('empties draining agents too', () => {
    const { engine } = clusterOf(
      ['a', 'a'],
      [
        { row: 0, cpu: 600, job: 'x' },
        { row: 1, cpu: 300, job: 'x' },
      ],
    );
    engine.drainAgent(0);
    expect(planRebalance(engine, { goals: [freeAgents()] }).steps[0].migrations).toEqual([
      { task: 0, from: 0, to: 1 },
    ]);
  });

  test('places the largest task first', () => {
    const { engine } = clusterOf(
      ['a', 'a', 'a'],
      [
        { row: 0, cpu: 100, job: 'x' },
        { row: 0, cpu: 500, job: 'x' },
        { row: 1, cpu: 500, job: 'x' },
        { row: 1, cpu: 1, job: 'y' },
        { row: 1, cpu: 1, job: 'y' },
        { row: 2, cpu: 490, job: 'x' },
        { row: 2, cpu: 1, job: 'y' },
        { row: 2, cpu: 1, job: 'y' },
      ],
    );
    // Age first, 100 would go to agent 1, the fuller one, and 500 would find no room.
    expect(planRebalance(engine, { goals: [freeAgents()] }).steps[0].migrations).toEqual([
      { task: 1, from: 0, to: 2 },
      { task: 0, from: 0, to: 1 },
    ]);
  });

  test('weighs worth against cost', () => {
    const { engine } = clusterOf(
      ['a', 'a', 'a'],
      [
        { row: 0, cpu: 100, job: 'x' },
        { row: 1, cpu: 100, job: 'x' },
        { row: 1, cpu: 100, job: 'x' },
        { row: 2, cpu: 700, job: 'x' },
      ],
    );
    const worthOf = (row: number): number => (row === 1 ? 5 : 1);
    const goals = [freeAgents({ worthOf, leastGainPerCost: 2 })];
    const { steps } = planRebalance(engine, { goals });
    expect(steps.map(({ gain, cost, migrations }) => [gain, cost, migrations[0].from])).toEqual([[5, 2, 1]]);
  });
});

describe('balanceAcross', () => {
  test('moves from the fullest value to the emptiest until they differ by the skew allowed', () => {
    const tasks = Array.from({ length: 8 }, (_, i) => ({ row: i % 2, cpu: 100, job: 'x' }));
    const { engine, jobs } = clusterOf(['a', 'a', 'b', 'c'], tasks);
    const groupOf = (task: number): string | undefined => jobs.get(task);
    const { steps } = planRebalance(engine, { goals: [balanceAcross('zone', { groupOf })] });
    expect(steps).toHaveLength(5);
    expect(steps[0]).toMatchObject({ effect: 'brings a task of x from a to c', gain: 1, cost: 1 });
    const { steps: fewer } = planRebalance(engine, {
      goals: [balanceAcross('zone', { groupOf, maxSkew: 4, worth: 3 })],
    });
    expect(fewer.map(({ gain }) => gain)).toEqual([3, 3, 3]);
  });

  test('leaves alone what cannot move and goes on with the rest', () => {
    const { engine, jobs } = clusterOf(
      ['a', 'b'],
      [
        { row: 0, cpu: 400, job: 'x' },
        { row: 0, cpu: 300, job: 'x' },
        { row: 0, cpu: 100, job: 'x' },
        { row: 1, cpu: 650, job: 'y' },
      ],
    );
    const groupOf = (task: number): string | undefined => (jobs.get(task) === 'x' ? 'x' : undefined);
    const { steps } = planRebalance(engine, { goals: [balanceAcross('zone', { groupOf })] });
    expect(steps.map(({ migrations }) => migrations[0])).toEqual([{ task: 1, from: 0, to: 1 }]);
  });

  test('what one goal empties is not filled by the next', () => {
    const { engine, jobs } = clusterOf(
      ['a', 'a', 'b'],
      [
        { row: 0, cpu: 300, job: 'x' },
        { row: 1, cpu: 300, job: 'x' },
        { row: 1, cpu: 300, job: 'x' },
        { row: 2, cpu: 900, job: 'y' },
      ],
    );
    const groupOf = (task: number): string | undefined => jobs.get(task);
    const { steps } = planRebalance(engine, { goals: [freeAgents(), balanceAcross('zone', { groupOf })] });
    expect(steps.map(({ goal }) => goal)).toEqual(['free agents']);
    expect(idleRows(engine)).toEqual([]);
  });
});

describe('the disruption budget', () => {
  const tasks = [
    { row: 0, cpu: 100, job: 'x' },
    { row: 1, cpu: 100, job: 'x' },
    { row: 1, cpu: 100, job: 'y' },
    { row: 2, cpu: 200, job: 'y' },
    { row: 3, cpu: 300, job: 'z' },
  ];

  test('limits the migrations of a plan', () => {
    const { engine } = clusterOf(ZONES, tasks);
    const plan = (maxMigrations: number): number =>
      planRebalance(engine, { goals: [freeAgents()], budget: { maxMigrations } }).migrations;
    // Agents 2 and 0 are emptied with one migration each, agent 1 takes two.
    expect([0, 1, 2, 3, 4, 9].map(plan)).toEqual([0, 1, 2, 2, 4, 4]);
  });

  test('limits the migrations of a group, and keeps what must not move', () => {
    const { engine, jobs } = clusterOf(ZONES, tasks);
    const moved = (budget: Parameters<typeof planRebalance>[1]['budget']): (string | undefined)[] =>
      planRebalance(engine, { goals: [freeAgents()], ...(budget && { budget }) })
        .steps.flatMap(({ migrations }) => migrations)
        .map(({ task }) => jobs.get(task));
    const of = (task: number): string | undefined => jobs.get(task);
    expect(moved({ groups: { of, maxMigrations: () => 1 } })).toEqual(['x', 'y']);
    expect(moved({ movable: (task) => jobs.get(task) !== 'x' })).toEqual(['y']);
  });

  test('prices tasks', () => {
    const { engine, jobs } = clusterOf(ZONES, tasks);
    const costOf = (task: number): number => (jobs.get(task) === 'y' ? 0.5 : 10);
    const { steps, cost } = planRebalance(engine, {
      goals: [freeAgents()],
      budget: { costOf, maxMigrations: 1 },
    });
    expect(steps[0].migrations[0].from).toBe(2);
    expect(cost).toBe(0.5);
  });
});

describe('bad input leaves everything as it was', () => {
  const boom = (): never => {
    throw new Error('boom');
  };
  test.each([
    ['INVALID_PLANNING_OPTION', () => freeAgents({ patience: -1 })],
    ['INVALID_PLANNING_OPTION', () => freeAgents({ leastGainPerCost: NaN })],
    ['INVALID_PLANNING_OPTION', () => balanceAcross('zone', { groupOf: () => 'x', maxSkew: 0 })],
    ['INVALID_PLANNING_OPTION', () => balanceAcross('zone', { groupOf: () => 'x', worth: 0 })],
    ['INVALID_PLANNING_OPTION', () => balanceAcross('', { groupOf: () => 'x' })],
    ['INVALID_PLANNING_OPTION', () => balanceAcross('zone', undefined as never)],
    ['INVALID_PLANNING_OPTION', () => freeAgents(null as never)],
  ])('%s from a factory', (code, make) => {
    expect(make).toThrow(expect.objectContaining({ code }) as Error);
  });

  test.each([
    ['INVALID_PLANNING_OPTION', undefined as never],
    ['INVALID_PLANNING_OPTION', { goals: undefined as never }],
    ['INVALID_PLANNING_OPTION', { goals: [{} as never] }],
    ['INVALID_PLANNING_OPTION', { goals: [], budget: null as never }],
    ['PLANNING_CALLBACK_FAILED', { goals: [{ name: 'mine', propose: boom }] }],
    ['INVALID_PLANNING_OPTION', { goals: [freeAgents()], budget: { maxMigrations: 1.5 } }],
    ['PLANNING_CALLBACK_FAILED', { goals: [freeAgents()], budget: { movable: boom } }],
    ['PLANNING_CALLBACK_FAILED', { goals: [freeAgents()], budget: { costOf: () => -1 } }],
    ['PLANNING_CALLBACK_FAILED', { goals: [freeAgents({ worthOf: () => 0 })] }],
    ['PLANNING_CALLBACK_FAILED', { goals: [balanceAcross('zone', { groupOf: boom })] }],
    [
      'PLANNING_CALLBACK_FAILED',
      { goals: [freeAgents()], budget: { groups: { of: () => 'x', maxMigrations: () => -2 } } },
    ],
  ])('%s from a plan', (code, options) => {
    const { engine } = clusterOf(ZONES, [
      { row: 0, cpu: 100, job: 'x' },
      { row: 1, cpu: 200, job: 'x' },
    ]);
    const before = engine.snapshot();
    expect(() => planRebalance(engine, options)).toThrow(expect.objectContaining({ code }) as Error);
    expect(engine.transactionDepth).toBe(0);
    expect(engine.snapshot()).toEqual(before);
  });
});

test('callbacks are asked about tasks that are where they were', () => {
  const { engine } = clusterOf(ZONES, [
    { row: 0, cpu: 100, job: 'x' },
    { row: 1, cpu: 200, job: 'x' },
  ]);
  const budget = {
    costOf: (task: number) => 1 + engine.agentOf(task),
    groups: {
      of: (task: number) => engine.attributesOf(engine.agentOf(task))['zone'],
      maxMigrations: () => 1,
    },
  };
  expect(planRebalance(engine, { goals: [freeAgents()], budget })).toMatchObject({ migrations: 1, cost: 1 });
});

test('a step whose migrations cannot be made one by one is not proposed', () => {
  const engine = new PlacementEngine({ fitness: fullest });
  for (const zone of ['a', 'b']) engine.addAgent({ resources: { cpu: 1 }, attributes: { zone } });
  // Each task fills its agent: together they could change places, one after the other they cannot.
  const full = engine.defineClass({ resources: { cpu: 1 } });
  engine.placeOn(full, 0);
  engine.placeOn(full, 1);
  const swap: RebalanceGoal = {
    name: 'swap',
    propose(trial) {
      const tasks = trial.rows.flatMap((row) => trial.tasksOn(row));
      expect(trial.attempt({ goal: 'swap', effect: '', tasks, gain: 1, closed: [] })).toBe(false);
      expect(trial.attempt({ goal: 'swap', effect: '', tasks: [0, 0], gain: 1, closed: [] })).toBe(false);
    },
  };
  expect(planRebalance(engine, { goals: [swap] }).steps).toEqual([]);
});

test('tasks that one goal has moved count where they are for the next', () => {
  const { engine, jobs } = clusterOf(
    ['a', 'a', 'b', 'b'],
    [
      { row: 0, cpu: 300, job: 'g' },
      { row: 1, cpu: 300, job: 'g' },
      { row: 1, cpu: 300, job: 'g' },
      { row: 2, cpu: 200, job: 'g' },
      { row: 2, cpu: 200, job: 'g' },
      { row: 2, cpu: 200, job: 'g' },
    ],
  );
  const groupOf = (task: number): string | undefined => jobs.get(task);
  const balance = balanceAcross('zone', { groupOf });
  expect(planRebalance(engine, { goals: [balance] }).steps).toEqual([]);
  const { steps } = planRebalance(engine, { goals: [freeAgents(), balance] });
  expect(steps.map(({ goal }) => goal)).toEqual(['free agents']);
  expect(steps[0].migrations).toEqual([{ task: 0, from: 0, to: 1 }]);
});

test('a reservation stays one when it moves', () => {
  const { engine } = clusterOf(['a', 'a'], [{ row: 0, cpu: 300, job: 'x' }]);
  const reserved = engine.reserve(engine.defineClass({ resources: { cpu: 0.2 } }), 1);
  const [{ migrations }] = planRebalance(engine, { goals: [freeAgents()] }).steps;
  expect(migrations).toEqual([{ task: reserved, from: 1, to: 0 }]);
  const moved = migrate(engine, migrations[0]);
  expect(engine.stageOf(moved)).toBe('reserved');
  expect(() => migrate(engine, undefined as never)).toThrow(/INVALID_PLANNING_OPTION/);
});

test('a plan in the ids of the object API', () => {
  const scheduler = new Scheduler({ fitness: fullest });
  for (const id of ['one', 'two']) scheduler.addAgent({ id, resources: { cpu: 4 } });
  scheduler.schedule([
    { id: 'big', resources: { cpu: 2 }, agent: 'one' },
    { id: 'small', resources: { cpu: 1 }, agent: 'two' },
  ]);
  const plan = planRebalance(scheduler.engine, { goals: [freeAgents()] });
  expect(namedPlan(scheduler, plan).steps[0].migrations).toEqual([{ task: 'small', from: 'two', to: 'one' }]);
});

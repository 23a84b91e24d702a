import { affinity, balanced, balancedSoft, uniqueAttribute } from '@stowage/constraints';
import { binPacking } from '@stowage/fitness';
import { describe, expect, test } from 'vitest';
import {
  constraint,
  type EngineOptions,
  fitness,
  PlacementEngine,
  type StructureName,
} from '../src/index.ts';

/** An engine with many agents in three zones, each with 100 cpus. */
function engineWith(
  agents: number,
  options: EngineOptions = { fitness: binPacking('cpu') },
): PlacementEngine {
  const engine = new PlacementEngine(options);
  for (let i = 0; i < agents; i++)
    engine.addAgent({ resources: { cpu: 100 }, attributes: { zone: 'abc'[i % 3] } });
  return engine;
}

const shapes = (engine: PlacementEngine, count: number) =>
  Array.from({ length: count }, (_, i) => engine.defineClass({ resources: { cpu: (1000 + i) / 1000 } }));

/** How many decisions each structure made meanwhile; those that made none are left out. */
function decisionsDuring(
  engine: PlacementEngine,
  action: () => void,
): Partial<Record<StructureName, number>> {
  const before = engine.work.decisionsBy;
  action();
  const made = Object.entries(engine.work.decisionsBy).map(
    ([name, count]) => [name, count - before[name as StructureName]] as const,
  );
  return Object.fromEntries(made.filter(([, count]) => count > 0));
}

const placeInTurn = (engine: PlacementEngine, classes: readonly number[], count: number) => {
  for (let i = 0; i < count; i++) engine.place(classes[i % classes.length]);
};

describe('the planner takes the cheapest structure', () => {
  test('a few agents are scanned for classes that are asked for once', () => {
    const engine = engineWith(3);
    expect(decisionsDuring(engine, () => placeInTurn(engine, shapes(engine, 100), 100))).toEqual({
      scan: 100,
    });
  });

  test('a class that is asked again and again gets a tree, which evaluates the changed agents only', () => {
    const engine = engineWith(1000);
    const classes = shapes(engine, 1);
    placeInTurn(engine, classes, 50);
    const before = engine.work.evaluations;
    expect(decisionsDuring(engine, () => placeInTurn(engine, classes, 100))).toEqual({ 'class-tree': 100 });
    expect(engine.work.evaluations - before).toBe(100);
  });

  test('many shapes in turn share an ordered index, which looks at a few nodes', () => {
    const engine = engineWith(2000);
    const classes = shapes(engine, 200);
    placeInTurn(engine, classes, 400);
    const before = engine.work.visits;
    expect(decisionsDuring(engine, () => placeInTurn(engine, classes, 400))).toEqual({
      'ordered-index': 400,
    });
    expect(engine.work.visits - before).toBeLessThan(400 * 12);
  });

  test('it goes to a tree for a burst of one class and back to the index', () => {
    const engine = engineWith(2000);
    const classes = shapes(engine, 200);
    const turns = () => decisionsDuring(engine, () => placeInTurn(engine, classes, 200));
    placeInTurn(engine, classes, 400);
    expect(turns()).toEqual({ 'ordered-index': 200 });
    const burst = decisionsDuring(engine, () => placeInTurn(engine, classes.slice(0, 1), 4000));
    expect(burst['class-tree']).toBeGreaterThan(3000);
    turns();
    expect(turns()).toEqual({ 'ordered-index': 200 });
    expect(engine.verify()).toEqual([]);
  });

  test('bursts of many classes in jobs go on by the index, however many tasks have left in between', () => {
    const engine = engineWith(10_000);
    const classes = Array.from({ length: 500 }, (_, i) =>
      engine.defineClass({
        resources: { cpu: (1000 + i) / 1000 },
        job: `job-${i % 100}`,
        softConstraints: [balancedSoft('zone')],
      }),
    );
    const burst = () => {
      const handles = [...classes, ...classes].map((taskClass) => engine.place(taskClass));
      for (const handle of handles) engine.release(handle);
    };
    for (let i = 0; i < 3; i++) burst();
    const before = engine.work.evaluations;
    expect(decisionsDuring(engine, burst)).toEqual({ 'ordered-index': 1000 });
    expect(engine.work.evaluations - before).toBeLessThan(1000 * 8);
  });

  test('a constraint that refuses nearly all agents counts, although hardly any is scored', () => {
    let asked = 0;
    const only = (name: string, accepted: (row: number) => boolean) =>
      constraint(name, (_task, agent) => accepted(agent.row) || 'no', 'agent');
    const engine = engineWith(2000, {
      fitness: fitness('fewest tasks', (_t, agent) => -agent.taskCount, 'agent'),
    });
    const picky = engine.defineClass({
      resources: { cpu: 1 },
      constraints: [
        ...['a', 'b', 'c'].map((name) => only(name, () => true)),
        only('few', (row) => (asked++, row % 100 === 0)),
      ],
    });
    const [small] = shapes(engine, 1);
    const turn = () => {
      for (let i = 0; i < 200; i++) engine.release(engine.placeOn(small, (i * 7) % 2000));
      engine.find(picky);
    };
    for (let i = 0; i < 30; i++) turn();
    expect(decisionsDuring(engine, turn)).toEqual({ 'class-tree': 1 });
    asked = 0;
    turn();
    expect(asked).toBeLessThanOrEqual(200);
  });

  test('a scan is taken to cost more on an empty cluster than on a full one, as far as that is known', () => {
    const engine = engineWith(500, { fitness: binPacking('cpu'), structure: 'scan' });
    const [taskClass] = shapes(engine, 1);
    const whole = engine.defineClass({ resources: { cpu: 100 } });
    const scanNs = () => engine.explainPlan(taskClass).costsNs.scan!;
    const unknownNs = scanNs();
    engine.find(taskClass);
    expect(scanNs()).toBeGreaterThan(1.5 * unknownNs);
    const [first] = Array.from({ length: 500 }, (_, row) => engine.placeOn(whole, row));
    engine.find(taskClass);
    expect(scanNs()).toBeLessThan(unknownNs / 2);
    engine.release(first);
    for (let i = 0; i < 250; i++) engine.release(engine.placeOn(whole, 0));
    expect(scanNs()).toBe(unknownNs);
  });

  test('a fitness that does not rank by load has trees, as soon as scans have cost as much as filling them', () => {
    const counting = fitness('fewest tasks', (_task, agent) => -agent.taskCount, 'agent');
    const engine = engineWith(500, { fitness: counting });
    const classes = shapes(engine, 30);
    placeInTurn(engine, classes, 4 * classes.length);
    expect(decisionsDuring(engine, () => placeInTurn(engine, classes, 100))).toEqual({ 'class-tree': 100 });
  });

  test.each([
    ['hard', { constraints: [balanced('zone')] }],
    ['soft', { softConstraints: [balancedSoft('zone')] }],
  ])('%s balance over zones is asked once per group', (_kind, policies) => {
    const engine = engineWith(2000);
    const classes = Array.from({ length: 50 }, (_, i) =>
      engine.defineClass({ resources: { cpu: (1000 + i) / 1000 }, job: `job-${i}`, ...policies }),
    );
    placeInTurn(engine, classes, 400);
    expect(decisionsDuring(engine, () => placeInTurn(engine, classes, 100))).toEqual({
      'ordered-index': 100,
    });
    expect(engine.explainPlan(classes[0]).costsNs).toHaveProperty('ordered-index');
  });

  test('what depends on more than the agent and its group, or does not say, is asked of all agents that pass the rest', () => {
    const engine = engineWith(500);
    const classes = [
      engine.defineClass({
        resources: { cpu: 1 },
        job: 'j',
        constraints: [affinity({ matchLabels: { job: 'j' } })],
      }),
      engine.defineClass({ resources: { cpu: 1 }, fitness: fitness('undeclared', () => 1) }),
    ];
    expect(decisionsDuring(engine, () => placeInTurn(engine, classes, 100))).toEqual({
      'filtered-scan': 100,
    });
    for (const taskClass of classes)
      expect(Object.keys(engine.explainPlan(taskClass).costsNs)).toEqual(['scan', 'filtered-scan']);
  });

  test('a filtered scan forgets agents that left while it was not asked', () => {
    const engine = new PlacementEngine({ fitness: binPacking('cpu'), agentCapacity: 64 });
    for (let row = 0; row < 64; row++) engine.addAgent({ resources: { cpu: 1 } });
    const undeclared = engine.defineClass({ resources: { cpu: 1 }, fitness: fitness('undeclared', () => 1) });
    for (let i = 0; i < 3; i++) expect(engine.find(undeclared)).toBe(0);
    for (let row = 63; row >= 40; row--) engine.removeAgent(row);
    const filler = engine.defineClass({ resources: { cpu: 1 } });
    for (let i = 0; i < 100; i++) engine.release(engine.place(filler));
    const handles = Array.from({ length: 40 }, () => engine.place(filler));
    expect(engine.find(undeclared)).toBe(-1);
    engine.release(handles[7]);
    engine.place(filler);
    expect(engine.find(undeclared)).toBe(-1);
    expect(engine.work.decisionsBy['filtered-scan']).toBe(5);
    expect(engine.verify()).toEqual([]);
  });

  test('a class may need any number of resources that an index compares', () => {
    const names = Array.from({ length: 40 }, (_, i) => `r${i}`);
    const amounts = (count: number) => Object.fromEntries(names.slice(0, count).map((name) => [name, 1]));
    const engine = new PlacementEngine({
      resources: names.map((name) => ({ name })),
      fitness: binPacking('r0'),
      structure: 'ordered-index',
    });
    engine.addAgent({ resources: amounts(32) });
    engine.addAgent({ resources: amounts(40) });
    expect(engine.find(engine.defineClass({ resources: amounts(32) }))).toBe(0);
    expect(engine.find(engine.defineClass({ resources: amounts(33) }))).toBe(1);
    expect(engine.work.decisionsBy).toMatchObject({ 'ordered-index': 2, scan: 0 });
  });

  test('a structure that is asked for answers wherever it can', () => {
    const engine = engineWith(5);
    const [taskClass] = shapes(engine, 1);
    for (const structure of ['scan', 'class-tree', 'ordered-index'] as const) {
      engine.usePolicies({ structure });
      expect(decisionsDuring(engine, () => engine.place(taskClass))).toEqual({ [structure]: 1 });
      expect(engine.explainPlan(taskClass).structure).toBe(structure);
    }
    expect(() => engine.usePolicies({ structure: 'tree' as 'scan' })).toThrow(/use cheapest, scan/);
    expect(engine.explainPlan(taskClass).structure).toBe('ordered-index');
  });
});

describe('a class that fits nowhere', () => {
  test('is not looked for again while tasks are only placed', () => {
    const engine = engineWith(300);
    const tooLarge = engine.defineClass({ resources: { cpu: 101 } });
    const [small] = shapes(engine, 1);
    engine.find(tooLarge);
    const { evaluations, remembered } = engine.work;
    const decisions = decisionsDuring(engine, () => {
      for (let i = 0; i < 50; i++) engine.find(tooLarge);
    });
    expect([decisions, engine.work.evaluations, engine.work.remembered]).toEqual([
      {},
      evaluations,
      remembered + 50,
    ]);
    engine.place(small);
    engine.find(tooLarge);
    expect(engine.work.remembered).toBe(remembered + 51);
  });

  test('is looked for on agents that tasks have left', () => {
    const engine = engineWith(300);
    const whole = engine.defineClass({ resources: { cpu: 100 } });
    const tasks = Array.from({ length: 300 }, () => engine.place(whole));
    expect(engine.place(whole)).toBe(-1);
    engine.release(tasks[7]);
    const before = engine.work.evaluations;
    const handle = engine.place(whole);
    expect(engine.agentOf(handle)).toBe(7);
    expect(engine.work.evaluations - before).toBeLessThanOrEqual(301);
    expect(engine.place(whole)).toBe(-1);
  });

  test('is found after an agent has come, grown or been resumed', () => {
    const engine = engineWith(3);
    const large = engine.defineClass({ resources: { cpu: 150 } });
    const find = () => engine.find(large);
    expect([find(), find()]).toEqual([-1, -1]);
    engine.addAgent({ resources: { cpu: 200 } });
    expect(find()).toBe(3);
    engine.drainAgent(3);
    expect([find(), find()]).toEqual([-1, -1]);
    engine.resizeAgent(1, { cpu: 150 });
    expect(find()).toBe(1);
    engine.resizeAgent(1, { cpu: 100 });
    engine.drainAgent(3, false);
    expect(find()).toBe(3);
  });

  test('is found after a rollback', () => {
    const engine = engineWith(1);
    const whole = engine.defineClass({ resources: { cpu: 100 } });
    engine.begin();
    engine.place(whole);
    expect([engine.find(whole), engine.find(whole)]).toEqual([-1, -1]);
    engine.rollback();
    expect(engine.find(whole)).toBe(0);
  });

  test('is asked about anew where placements may help', () => {
    const engine = engineWith(1);
    const follower = engine.defineClass({
      resources: { cpu: 1 },
      constraints: [affinity({ matchLabels: { job: 'leader' } })],
    });
    const leader = engine.defineClass({ resources: { cpu: 1 }, job: 'leader' });
    expect([engine.find(follower), engine.find(follower)]).toEqual([-1, -1]);
    engine.place(leader);
    expect(engine.find(follower)).toBe(0);
  });
});

test('agents told apart by very many groups are scanned, with the same answers', () => {
  const engines = (['class-tree', 'ordered-index', 'cheapest'] as const).map((structure) => {
    const engine = new PlacementEngine({ fitness: binPacking('cpu'), structure });
    for (let i = 0; i < 400; i++)
      engine.addAgent({
        resources: { cpu: 8 },
        attributes: { rack: `r${i}`, row: `${i % 100}`, host: `h${i}` },
      });
    const taskClass = engine.defineClass({
      resources: { cpu: 1 },
      job: 'j',
      constraints: [uniqueAttribute('rack'), uniqueAttribute('host')],
      softConstraints: [balancedSoft('row')],
    });
    return { engine, taskClass };
  });
  for (let i = 0; i < 120; i++) {
    const rows = engines.map(({ engine, taskClass }) => engine.agentOf(engine.place(taskClass)));
    expect(new Set(rows).size).toBe(1);
  }
  for (const { engine } of engines) expect(engine.work.decisionsBy.scan).toBe(120);
});

test('growing the agent table keeps decisions right', () => {
  for (const structure of ['scan', 'class-tree', 'ordered-index'] as const) {
    const engine = new PlacementEngine({ fitness: binPacking('cpu'), agentCapacity: 1, structure });
    const taskClass = engine.defineClass({ resources: { cpu: 1 } });
    for (let i = 0; i < 70; i++) {
      engine.addAgent({ resources: { cpu: 2 } });
      expect(engine.agentOf(engine.place(taskClass))).toBe(i);
      expect(engine.agentOf(engine.place(taskClass))).toBe(i);
    }
    expect(engine.verify()).toEqual([]);
  }
});

test('an agent whose totals stay binds no class anew', () => {
  let bindings = 0;
  const counting = { ...binPacking('cpu'), bind: () => (bindings++, { scoreInto: () => {} }) };
  const engine = new PlacementEngine({ fitness: { ...counting, name: 'counting' }, structure: 'scan' });
  const attributes = { zone: 'a' };
  for (const cpu of [4, 8]) engine.addAgent({ resources: { cpu }, attributes });
  const taskClass = engine.defineClass({ resources: { cpu: 100 } });
  const bindingsAfter = (act: () => void): number => {
    engine.find(taskClass);
    bindings = 0;
    act();
    engine.find(taskClass);
    return bindings;
  };
  expect(bindingsAfter(() => engine.updateAgent(0, { resources: { cpu: 4 } }))).toBe(0);
  expect(bindingsAfter(() => engine.resizeAgent(0, { cpu: 4 }))).toBe(0);
  expect(bindingsAfter(() => engine.resizeAgent(0, { cpu: 5 }))).toBe(1);
  expect(
    bindingsAfter(() => engine.updateAgent(0, { resources: { cpu: 5 }, attributes: { zone: 'b' } })),
  ).toBe(1);
});

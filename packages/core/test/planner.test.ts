import { balanced } from '@stowage/constraints';
import { binPacking } from '@stowage/fitness';
import { expect, test } from 'vitest';
import { fitness, PlacementEngine } from '../src/index.ts';

test('a class that depends on the agent only is cached from its second decision on', () => {
  const engine = new PlacementEngine({ fitness: binPacking('cpu') });
  for (let i = 0; i < 4; i++) engine.addAgent({ resources: { cpu: 4 } });
  const taskClass = engine.defineClass({ resources: { cpu: 1 } });
  engine.place(taskClass);
  expect(engine.explainPlan(taskClass).structure).toBe('scan');
  engine.place(taskClass);
  expect(engine.explainPlan(taskClass).structure).toBe('score-cache');
});

test('a cached class evaluates only the agents that changed', () => {
  let evaluated = 0;
  const counting = fitness('counting', () => (evaluated++, 0), 'agent');
  const engine = new PlacementEngine({ fitness: counting });
  for (let i = 0; i < 500; i++) engine.addAgent({ resources: { cpu: 100 } });
  const taskClass = engine.defineClass({ resources: { cpu: 1 } });
  engine.place(taskClass);
  engine.place(taskClass);
  evaluated = 0;
  for (let i = 0; i < 50; i++) engine.place(taskClass);
  expect(evaluated).toBe(50);
});

test('a group dependency or no declaration is scanned', () => {
  const engine = new PlacementEngine({ fitness: binPacking('cpu') });
  engine.addAgent({ resources: { cpu: 8 }, attributes: { zone: 'a' } });
  const classes = [
    engine.defineClass({ resources: { cpu: 1 }, job: 'j', constraints: [balanced('zone')] }),
    engine.defineClass({ resources: { cpu: 1 }, fitness: fitness('undeclared', () => 1) }),
  ];
  for (const taskClass of classes) {
    for (let i = 0; i < 3; i++) engine.place(taskClass);
    expect(engine.explainPlan(taskClass).structure).toBe('scan');
  }
});

test('classes beyond the memory for caches are scanned with the same answers, and room is made for those in use', () => {
  const engine = new PlacementEngine({ fitness: binPacking('cpu'), agentCapacity: 2 ** 19 });
  for (let i = 0; i < 20; i++) engine.addAgent({ resources: { cpu: 1000 } });
  const classes = Array.from({ length: 20 }, () => engine.defineClass({ resources: { cpu: 1 } }));
  const rows = classes.flatMap((taskClass) =>
    [engine.place(taskClass), engine.place(taskClass)].map((task) => engine.agentOf(task)),
  );
  expect(new Set(rows)).toEqual(new Set([0]));
  const structures = classes.map((taskClass) => engine.explainPlan(taskClass).structure);
  expect(structures.filter((structure) => structure === 'score-cache')).toHaveLength(16);
});

test('growing the agent table keeps decisions right', () => {
  const engine = new PlacementEngine({ fitness: binPacking('cpu'), agentCapacity: 1 });
  const taskClass = engine.defineClass({ resources: { cpu: 1 } });
  for (let i = 0; i < 70; i++) {
    engine.addAgent({ resources: { cpu: 2 } });
    expect(engine.agentOf(engine.place(taskClass))).toBe(i);
    expect(engine.agentOf(engine.place(taskClass))).toBe(i);
  }
  expect(engine.verify()).toEqual([]);
});

test('an agent whose totals stay binds no class anew', () => {
  let bindings = 0;
  const counting = { ...binPacking('cpu'), bind: () => (bindings++, { scoreInto: () => {} }) };
  const engine = new PlacementEngine({ fitness: { ...counting, name: 'counting' } });
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

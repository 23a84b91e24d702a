import { type HardConstraint, PlacementEngine } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import {
  asSoft,
  attributeEquals,
  attributeIn,
  type MatchExpression,
  matchExpressions,
} from '../src/index.ts';

const AGENTS: Record<string, string>[] = [
  { zone: 'a', cores: '8' },
  { zone: 'b', cores: '64' },
  { zone: 'c', cores: 'many' },
  {},
];

function accepted(constraint: HardConstraint): number[] {
  const engine = new PlacementEngine();
  for (const attributes of AGENTS) engine.addAgent({ resources: { cpu: 1 }, attributes });
  const taskClass = engine.defineClass({ resources: { cpu: 1 }, constraints: [constraint] });
  const rows: number[] = [];
  for (let task = engine.place(taskClass); task >= 0; task = engine.place(taskClass))
    rows.push(engine.agentOf(task));
  return rows;
}

describe('attribute constraints', () => {
  test('attributeEquals wants the value', () => {
    expect(accepted(attributeEquals('zone', 'b'))).toEqual([1]);
    expect(accepted(attributeEquals('zone', 'unseen'))).toEqual([]);
    expect(accepted(attributeEquals('rack', 'x'))).toEqual([]);
  });

  test('attributeIn wants one of the values', () => {
    expect(accepted(attributeIn('zone', ['c', 'a', 'unseen']))).toEqual([0, 2]);
  });

  test.each<[MatchExpression, number[]]>([
    [{ key: 'zone', operator: 'In', values: ['a', 'b'] }, [0, 1]],
    [{ key: 'zone', operator: 'NotIn', values: ['a'] }, [1, 2, 3]],
    [{ key: 'zone', operator: 'Exists' }, [0, 1, 2]],
    [{ key: 'zone', operator: 'DoesNotExist' }, [3]],
    [{ key: 'cores', operator: 'Gt', values: ['8'] }, [1]],
    [{ key: 'cores', operator: 'Lt', values: ['9'] }, [0]],
  ])('matchExpressions %j', (expression, rows) => {
    expect(accepted(matchExpressions([expression]))).toEqual(rows);
  });

  test('all expressions must hold, none accepts everything', () => {
    expect(
      accepted(
        matchExpressions([
          { key: 'zone', operator: 'Exists' },
          { key: 'cores', operator: 'NotIn', values: ['8'] },
        ]),
      ),
    ).toEqual([1, 2]);
    expect(accepted(matchExpressions([]))).toEqual([0, 1, 2, 3]);
  });

  test('a value that appears later is understood', () => {
    const engine = new PlacementEngine();
    const taskClass = engine.defineClass({ resources: {}, constraints: [attributeEquals('zone', 'new')] });
    engine.addAgent({ resources: {}, attributes: { zone: 'old' } });
    expect([engine.place(taskClass), engine.place(taskClass)]).toEqual([-1, -1]);
    engine.addAgent({ resources: {}, attributes: { zone: 'new' } });
    expect(engine.agentOf(engine.place(taskClass))).toBe(1);
    engine.updateAgent(0, { resources: {}, attributes: { zone: 'new' } });
    expect(engine.agentOf(engine.place(taskClass))).toBe(0);
  });

  test('asSoft prefers instead of demanding', () => {
    const engine = new PlacementEngine();
    for (const zone of ['a', 'b']) engine.addAgent({ resources: { cpu: 1 }, attributes: { zone } });
    const taskClass = engine.defineClass({
      resources: { cpu: 1 },
      softConstraints: [asSoft(attributeEquals('zone', 'b'))],
    });
    expect([engine.place(taskClass), engine.place(taskClass)].map((task) => engine.agentOf(task))).toEqual([
      1, 0,
    ]);
  });

  test.each([
    () => attributeEquals('', 'x'),
    () => attributeEquals('zone', undefined as unknown as string),
    () => attributeIn('zone', []),
    () => attributeIn('zone', 'a' as unknown as string[]),
    () => matchExpressions('zone' as unknown as []),
    () => matchExpressions([{ key: 'zone', operator: 'In', values: [] }]),
    () => matchExpressions([{ key: 'zone', operator: 'Exists', values: ['a'] }]),
    () => matchExpressions([{ key: 'zone', operator: 'Gt', values: ['1', '2'] }]),
    () => matchExpressions([{ key: 'zone', operator: 'Lt', values: ['1.5'] }]),
    () => matchExpressions([{ key: 'zone', operator: 'Near' as 'In', values: ['a'] }]),
    () => matchExpressions([null as unknown as MatchExpression]),
  ])('refuses wrong parameters: %s', (make) => {
    expect(make).toThrow('INVALID_PLUGIN');
  });
});

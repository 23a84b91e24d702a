/**
 * Opportunistic demands: met by what others hold and do not use, and given back when the owners want it.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { type AgentShape, PlacementEngine, type TaskRequirements } from '../src/index.ts';

let engine: PlacementEngine;
const agent = (cpu: number, rest: Partial<AgentShape> = {}) =>
  engine.addAgent({ resources: { cpu }, ...rest });
const defined = (cpu: number, rest: Partial<TaskRequirements> = {}) =>
  engine.defineClass({ resources: { cpu }, ...rest });
const borrower = (cpu: number, priority = 0) => defined(0, { opportunistic: { cpu }, priority });
const evicted = () => engine.evictions().map(({ handle }) => handle);

beforeEach(() => {
  engine = new PlacementEngine({ resources: [{ name: 'cpu' }, { name: 'memory' }] });
});

describe('feasible', () => {
  test('on what is free, what is reserved and what is lent', () => {
    agent(4);
    engine.reserve(defined(3));
    expect(engine.find(borrower(4))).toBe(0);
    expect(engine.find(borrower(5))).toBe(-1);
    engine.reportAgent(0, { lent: { cpu: 1 } });
    expect(engine.find(borrower(5))).toBe(0);
    expect(engine.find(borrower(6))).toBe(-1);
  });

  test('not on what tasks have booked that may start', () => {
    agent(4);
    const held = engine.reserve(defined(3));
    engine.confirm(held);
    expect(engine.find(borrower(2))).toBe(-1);
    expect(engine.find(borrower(1))).toBe(0);
  });

  test('together with what the task asks for as its own', () => {
    agent(4);
    engine.reserve(defined(2));
    expect(engine.find(defined(2, { opportunistic: { cpu: 2 } }))).toBe(0);
    expect(engine.find(defined(3, { opportunistic: { cpu: 1 } }))).toBe(-1);
    expect(engine.find(defined(2, { opportunistic: { cpu: 3 } }))).toBe(-1);
  });

  test('once: what a borrower has, no other gets', () => {
    agent(4);
    engine.reserve(defined(4));
    const half = borrower(2);
    expect([engine.place(half), engine.place(half), engine.place(half)]).toEqual([1, 2, -1]);
    expect(engine.usageOf(0)).toEqual([4, 0]);
  });

  test('ordinary tasks do not see borrowers', () => {
    agent(4);
    engine.place(borrower(4));
    expect(engine.find(defined(4))).toBe(0);
  });

  test('the explanation says by how much it falls short', () => {
    agent(4);
    engine.place(defined(3));
    expect(engine.explain(borrower(3)).reasons).toEqual([
      { kind: 'opportunistic', name: 'cpu', agents: 1, soleReason: 1, leastShortfall: 2 },
    ]);
  });
});

describe('evictions', () => {
  test('none as long as the owners do not want it back', () => {
    agent(4);
    const held = engine.reserve(defined(4));
    const handle = engine.place(borrower(3));
    expect(evicted()).toEqual([]);
    engine.confirm(held);
    expect(engine.evictions()).toEqual([{ handle, row: 0, reason: 'opportunistic' }]);
    engine.release(handle);
    expect(evicted()).toEqual([]);
  });

  test('lower priority first, then what was placed last', () => {
    agent(9);
    const [low, high] = [borrower(3, -1), borrower(3, 1)];
    const [second, third, first] = [engine.place(high), engine.place(high), engine.place(low)];
    const want = defined(3);
    engine.place(want);
    expect(evicted()).toEqual([first]);
    engine.place(want);
    expect(evicted()).toEqual([first, third]);
    engine.place(want);
    expect(evicted()).toEqual([first, third, second]);
  });

  test('nobody leaves who turns out not to be needed', () => {
    agent(8);
    const large = engine.place(borrower(5));
    engine.place(borrower(1));
    engine.place(borrower(1));
    engine.place(defined(6));
    expect(evicted()).toEqual([large]);
  });

  test('of those who are not needed, who would leave last stays first', () => {
    agent(7);
    const [oldest, , youngest] = [5, 1, 1].map((cpu) => engine.place(borrower(cpu)));
    engine.place(defined(6));
    expect(evicted()).toEqual([youngest, oldest]);
  });

  test('only who borrows what is short', () => {
    engine.addAgent({ resources: { cpu: 4, memory: 4 } });
    const cpu = engine.place(borrower(4));
    engine.place(engine.defineClass({ resources: {}, opportunistic: { memory: 4 } }));
    engine.place(defined(1));
    expect(evicted()).toEqual([cpu]);
  });

  test('a task that leaves gives back its own share too', () => {
    agent(6);
    const mixed = engine.place(defined(2, { opportunistic: { cpu: 2 } }));
    engine.place(borrower(1));
    engine.place(defined(4));
    expect(evicted()).toEqual([mixed]);
  });

  test('a reservation that leaves gives back what it borrows only', () => {
    agent(6);
    engine.reportAgent(0, { lent: { cpu: 2 } });
    const plain = engine.place(borrower(4));
    engine.reserve(defined(2, { opportunistic: { cpu: 2 } }));
    engine.place(defined(4));
    engine.reportAgent(0, { lent: { cpu: 1 } });
    expect(evicted()).toEqual([plain]);
  });

  test('when less is lent, or the agent shrinks', () => {
    agent(4);
    engine.reportAgent(0, { lent: { cpu: 2 } });
    const handle = engine.place(borrower(5));
    engine.reportAgent(0, { lent: { cpu: 1 } });
    expect(evicted()).toEqual([]);
    engine.reportAgent(0, { signals: {} });
    expect(evicted()).toEqual([]);
    engine.reportAgent(0, { lent: {} });
    expect(evicted()).toEqual([handle]);
    engine.reportAgent(0, { lent: { cpu: 1 } });
    engine.resizeAgent(0, { cpu: 3 });
    expect(evicted()).toEqual([handle]);
  });

  test('by row, and everything comes back with a rollback', () => {
    for (const cpu of [2, 2]) agent(cpu);
    const pair = [engine.placeOn(borrower(2), 1), engine.placeOn(borrower(2), 0)];
    const before = new Uint8Array(engine.snapshot());
    engine.begin();
    engine.place(defined(1));
    engine.placeOn(defined(1), 1);
    expect(engine.evictions().map(({ row }) => row)).toEqual([0, 1]);
    pair.forEach((handle) => engine.release(handle));
    engine.rollback();
    expect(evicted()).toEqual([]);
    expect(new Uint8Array(engine.snapshot())).toEqual(before);
  });
});

/**
 * What happens to the memory of class trees: how much is reserved, and who gets it when there is not enough for all.
 */
import { binPacking } from '@stowage/fitness';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PlacementEngine } from '../src/index.ts';
import { TournamentMemory } from '../src/structures/tournament-memory.ts';
import { mostTrees } from '../src/structures/tree-limit.ts';

vi.mock(import('../src/structures/tree-limit.ts'), async (original) => {
  const { mostTrees } = await original();
  return { mostTrees: vi.fn(mostTrees) };
});

const AGENTS = 1024;
const TREES = 200;
const CLASSES = TREES + 4;
/** Those that have room behind the columns of so many agents. */
const FIRST_TREES = 128;

beforeEach(() => {
  vi.mocked(mostTrees).mockReturnValue(TREES);
});
afterEach(() => {
  vi.mocked(mostTrees).mockReset();
});

function engineOf() {
  const engine = new PlacementEngine({
    fitness: binPacking('cpu'),
    agentCapacity: AGENTS,
    structure: 'class-tree',
  });
  for (let i = 0; i < AGENTS; i++) engine.addAgent({ resources: { cpu: 100 } });
  const classes = Array.from({ length: CLASSES }, (_, i) =>
    engine.defineClass({ resources: { cpu: (1000 + i) / 1000 } }),
  );
  return { engine, classes };
}

function decisionsOf(engine: PlacementEngine, classes: readonly number[]) {
  const before = { ...engine.work.decisionsBy };
  for (const taskClass of classes) engine.find(taskClass);
  const { scan, 'class-tree': trees } = engine.work.decisionsBy;
  return { scans: scan - before.scan, trees: trees - before['class-tree'] };
}

const change = (engine: PlacementEngine, times: number) => {
  for (let i = 0; i < times; i++) engine.drainAgent(0, i % 2 === 0);
};

test('trees stay with the classes that have them, however many others ask in turn', () => {
  const { engine, classes } = engineOf();
  expect(decisionsOf(engine, classes)).toEqual({ scans: 4, trees: TREES });
  const before = engine.work.evaluations;
  for (let turn = 0; turn < 100; turn++) {
    change(engine, 2);
    expect(decisionsOf(engine, classes)).toEqual({ scans: 4, trees: TREES });
  }
  expect(engine.work.evaluations - before).toBe(100 * (4 * AGENTS + TREES));
  expect(engine.verify()).toEqual([]);
});

test('a tree goes to another class once it lags so far that a scan would do as well', () => {
  const { engine, classes } = engineOf();
  decisionsOf(engine, classes);
  const [first, ...others] = classes;
  const last = others.slice(-4);
  change(engine, AGENTS / 4);
  expect(decisionsOf(engine, [first, ...last])).toEqual({ scans: 4, trees: 1 });
  change(engine, TREES);
  expect(decisionsOf(engine, [first, ...last])).toEqual({ scans: 0, trees: 5 });
  expect(engine.explainPlan(others[0]).structure).toBe('class-tree');
  expect(engine.verify()).toEqual([]);
});

test('memory is reserved up to the limit, and used again', () => {
  const { engine, classes } = engineOf();
  using first = vi.spyOn(TournamentMemory, 'behindColumns');
  using others = vi.spyOn(TournamentMemory, 'of');
  const reserved = () => [first, others].flatMap(({ mock }) => mock.calls.map(([, cells]) => cells));
  for (const count of [1, FIRST_TREES, FIRST_TREES + 1, CLASSES])
    decisionsOf(engine, classes.slice(0, count));
  expect(reserved()).toEqual([FIRST_TREES, TREES - FIRST_TREES]);
  for (let turn = 0; turn < 3; turn++) {
    change(engine, AGENTS);
    decisionsOf(engine, classes.toReversed());
    change(engine, AGENTS);
    decisionsOf(engine, classes);
  }
  expect(reserved()).toEqual([FIRST_TREES, TREES - FIRST_TREES]);
});

test('the fewer trees the more agents there are, but always some', () => {
  vi.mocked(mostTrees).mockReset();
  expect([1e3, 1e5, 1e9].map((capacity) => mostTrees(capacity))).toEqual([26140, 300, 16]);
});

/**
 * Class trees that read the columns of the agents by themselves, against a scan: the same agents after every step of a random
 * history, with any number of resources, more agent types than a tree can rank by in its memory, policies that it can follow and
 * such that it cannot.
 */
import { binPacking, spreading } from '@stowage/fitness';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FitnessCalculator, PlacementEngine } from '../src/index.ts';

const RESOURCES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const TOTALS = 24;

/** Whether the callback throws, after it has written half of the scores. */
let fails = false;

/** Prefers agents with an odd number of free units of the first resource, as far as the row decides. */
const oddFirst: FitnessCalculator = {
  name: 'odd first',
  dependsOn: 'agent',
  bind: (cluster) => {
    const free = cluster.free('a');
    return {
      scoreInto: (rows, count, scores) => {
        for (let i = 0; i < count; i++) {
          if (fails && 2 * i >= count) throw new Error('not now');
          scores[i] = (free[rows[i]] & 1) * 100 + free[rows[i]];
        }
      },
    };
  },
};

const step = fc.record({
  kind: fc.constantFrom(
    'place',
    'place',
    'place',
    'place',
    'release',
    'release',
    'drain',
    'resume',
    'update',
    'add',
    'fail',
  ),
  pick: fc.nat(1000),
  amounts: fc.array(fc.nat(TOTALS), { minLength: 7, maxLength: 7 }),
});

const history = fc.record({
  resources: fc.integer({ min: 1, max: RESOURCES.length }),
  fitness: fc.constantFrom('packing', 'spreading', 'callback'),
  ranking: fc.integer({ min: 1, max: 2 }),
  distinctTotals: fc.integer({ min: 1, max: 20 }),
  agents: fc.integer({ min: 1, max: 40 }),
  demands: fc.array(fc.array(fc.nat(6), { minLength: 7, maxLength: 7 }), { minLength: 1, maxLength: 4 }),
  steps: fc.array(step, { minLength: 20, maxLength: 120 }),
});

test('class trees that follow the columns choose what a scan does', () => {
  let followed = 0;
  fc.assert(
    fc.property(history, ({ resources, fitness, ranking, distinctTotals, agents, demands, steps }) => {
      const names = RESOURCES.slice(0, resources);
      const ranked = names.slice(0, ranking);
      const calculator = {
        packing: binPacking(...ranked),
        spreading: spreading(...ranked),
        callback: oddFirst,
      }[fitness];
      const shapeOf = (amounts: readonly number[]) => ({
        resources: Object.fromEntries(names.map((name, i) => [name, 6 + amounts[i]])),
      });
      const engines = (['class-tree', 'scan'] as const).map((structure) => {
        const engine = new PlacementEngine({
          resources: names.map((name) => ({ name })),
          fitness: calculator,
          agentCapacity: 16,
          structure,
        });
        for (let i = 0; i < agents; i++)
          engine.addAgent(shapeOf(names.map((_, r) => (i + r) % distinctTotals)));
        return engine;
      });
      const [tree, scan] = engines;
      const classes = demands.map((demand) => {
        const requirements = { resources: Object.fromEntries(names.map((name, i) => [name, demand[i]])) };
        return engines.map((engine) => engine.defineClass(requirements));
      });
      const handles: number[][] = [];
      for (const { kind, pick, amounts } of steps) {
        const row = pick % tree.rowCount;
        if (kind === 'place') {
          const [byTree, byScan] = classes[pick % classes.length];
          const placed = [tree.place(byTree), scan.place(byScan)];
          expect(placed[0]).toBe(placed[1]);
          if (placed[0] < 0) continue;
          expect(tree.agentOf(placed[0])).toBe(scan.agentOf(placed[1]));
          handles.push(placed);
        } else if (kind === 'release' && handles.length > 0) {
          const [[byTree, byScan]] = handles.splice(pick % handles.length, 1);
          tree.release(byTree);
          scan.release(byScan);
        } else if (kind === 'drain' || kind === 'resume') {
          for (const engine of engines) engine.drainAgent(row, kind === 'drain');
        } else if (kind === 'fail') {
          for (const [i, engine] of engines.entries()) attempt(engine, classes[pick % classes.length][i]);
        } else if (kind === 'add') {
          for (const engine of engines) engine.addAgent(shapeOf(amounts));
        } else if (kind === 'update' && tree.tasksOn(row).length === 0) {
          for (const engine of engines) engine.updateAgent(row, shapeOf(amounts));
        }
      }
      expect(tree.verify()).toEqual([]);
      followed += tree.work.decisionsBy['class-tree'];
    }),
    { numRuns: 400 },
  );
  expect(followed).toBeGreaterThan(1000);
});

/** Asks for an agent while the callback fails, if it is asked. */
function attempt(engine: PlacementEngine, classId: number): void {
  fails = true;
  try {
    engine.find(classId);
  } catch (error) {
    expect(error).toMatchObject({ code: 'PLUGIN_FAILED' });
  } finally {
    fails = false;
  }
}

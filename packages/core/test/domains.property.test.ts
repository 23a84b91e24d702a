/**
 * Policies that tell agents apart by several attributes, while agents change their attributes and their type, and domains
 * run empty: the ordered index and the class tree against the scan.
 */
import { balanced, balancedSoft } from '@stowage/constraints';
import { binPacking } from '@stowage/fitness';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AgentShape,
  PlacementEngine,
  SOFT_SCALE,
  type SoftConstraint,
  type StructureChoice,
} from '../src/index.ts';

interface Shape extends AgentShape {
  readonly resources: { readonly cpu: number };
}

type Step =
  | { readonly kind: 'add'; readonly shape: Shape }
  | { readonly kind: 'update'; readonly agent: number; readonly shape: Shape }
  | { readonly kind: 'drain'; readonly agent: number; readonly draining: boolean }
  | { readonly kind: 'remove'; readonly agent: number }
  | { readonly kind: 'place'; readonly taskClass: number }
  | { readonly kind: 'release'; readonly task: number };

const CHOICES: readonly StructureChoice[] = ['scan', 'class-tree', 'ordered-index'];

const value = (letters: string) => fc.constantFrom(undefined, ...letters);
const shape = fc.tuple(fc.constantFrom(4, 8, 16), value('abc'), value('xy')).map(([cpu, zone, rack]) => ({
  resources: { cpu },
  attributes: { ...(zone !== undefined && { zone }), ...(rack !== undefined && { rack }) },
}));
const agent = fc.nat(11);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('add' as const), shape }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('update' as const), agent, shape }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('drain' as const), agent, draining: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), agent }) },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('place' as const), taskClass: fc.nat(3) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('release' as const), task: fc.nat(100) }) },
);

function engineBy(structure: StructureChoice): PlacementEngine {
  const engine = new PlacementEngine({ fitness: binPacking('cpu'), structure });
  const policies = [
    { softConstraints: [balancedSoft('zone')] },
    { softConstraints: [balancedSoft('zone'), balancedSoft('rack')] },
    { constraints: [balanced('rack')], softConstraints: [balancedSoft('zone')] },
    { constraints: [balanced('rack'), balanced('zone')] },
  ];
  policies.forEach((own, i) =>
    engine.defineClass({ job: `job-${i % 2}`, resources: { cpu: 1 + i }, ...own }),
  );
  return engine;
}

/** @returns the answer, the same of all */
function all(engines: readonly PlacementEngine[], action: (engine: PlacementEngine) => number): number {
  const [answer, ...others] = engines.map(action);
  others.forEach((other, i) => expect(other, `by ${CHOICES[i + 1]}`).toBe(answer));
  return answer;
}

function run(steps: readonly Step[]): PlacementEngine[] {
  const engines = CHOICES.map(engineBy);
  const rows: number[] = [];
  const tasks: number[] = [];
  for (const step of steps) {
    if ('agent' in step && rows.length === 0) continue;
    const row = 'agent' in step ? rows[step.agent % rows.length] : -1;
    switch (step.kind) {
      case 'add':
        rows.push(all(engines, (engine) => engine.addAgent(step.shape)));
        break;
      case 'update': {
        const isSmaller = engines[0].usageOf(row)[0] > step.shape.resources.cpu;
        if (!isSmaller) for (const engine of engines) engine.updateAgent(row, step.shape);
        break;
      }
      case 'drain':
        for (const engine of engines) engine.drainAgent(row, step.draining);
        break;
      case 'remove':
        if (engines[0].tasksOn(row).length > 0) break;
        for (const engine of engines) engine.removeAgent(row);
        rows.splice(rows.indexOf(row), 1);
        break;
      case 'place': {
        const handle = all(engines, (engine) => engine.place(step.taskClass));
        if (handle < 0) break;
        all(engines, (engine) => engine.agentOf(handle));
        tasks.push(handle);
        break;
      }
      case 'release': {
        const [handle] = tasks.splice(step.task % Math.max(1, tasks.length), 1);
        if (handle !== undefined) for (const engine of engines) engine.release(handle);
      }
    }
    for (const engine of engines) expect(engine.verify()).toEqual([]);
  }
  return engines;
}

test('domains of several attributes are told apart as by a scan', () => {
  let byIndex = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 120, size: 'max' }), (steps) => {
      byIndex += run(steps)[2].work.decisionsBy['ordered-index'];
    }),
    { numRuns: 60 },
  );
  expect(byIndex).toBeGreaterThan(500);
});

test('an ordered index asks about one agent of each domain, whatever their types', () => {
  let asked: number[] = [];
  const firstZones: SoftConstraint = {
    name: 'first zones',
    dependsOn: 'group',
    groupedBy: ['zone'],
    range: [0, SOFT_SCALE],
    bind: (cluster) => ({
      scoreInto(rows, count, scores) {
        const { ids } = cluster.attribute('zone');
        asked = [...rows.subarray(0, count)].map((row) => ids[row]);
        for (let i = 0; i < count; i++) scores[i] = 10 - ids[rows[i]];
      },
    }),
  };
  const engine = new PlacementEngine({ fitness: binPacking('cpu'), structure: 'ordered-index' });
  for (let i = 0; i < 60; i++)
    engine.addAgent({ resources: { cpu: 1 + (i % 5) }, attributes: { zone: 'abc'[i % 3] } });
  const taskClass = engine.defineClass({ resources: { cpu: 1 }, softConstraints: [firstZones] });
  for (let i = 0; i < 100; i++) {
    const handle = engine.place(taskClass);
    expect(asked.sort()).toEqual([1, 2, 3]);
    expect(engine.agentOf(handle) % 3).toBe(i < 60 ? 0 : 1);
  }
});

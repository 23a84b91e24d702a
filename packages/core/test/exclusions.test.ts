/**
 * Constraints that declare which tasks they exclude: the engine looks at bits instead of asking them.
 */
import { uniqueHost } from '@stowage/constraints';
import { binPacking } from '@stowage/fitness';
import { describe, expect, test } from 'vitest';
import {
  type ExclusionSpec,
  type HardConstraint,
  PlacementEngine,
  type StructureChoice,
  type TaskRequirements,
} from '../src/index.ts';

const AGENTS = 300;

class Fixture {
  readonly engine: PlacementEngine;
  /** Times that constraints were asked about an agent. */
  asked = 0;

  constructor(structure: StructureChoice) {
    this.engine = new PlacementEngine({ fitness: binPacking('cpu'), structure, agentCapacity: 8 });
    for (let i = 0; i < AGENTS; i++) this.engine.addAgent({ resources: { cpu: 100 } });
  }

  /** Refuses agents with tasks of a job, whatever it declares. */
  apartFrom(job: string, excludes?: ExclusionSpec): HardConstraint {
    return {
      name: 'apart',
      dependsOn: 'agent',
      ...(excludes && { excludes }),
      bind: (cluster) => {
        const tasks = cluster.selectedTasks({ matchLabels: { job } });
        return {
          test: (row) => {
            this.asked++;
            return tasks.get(row) > 0 ? 1 : 0;
          },
        };
      },
    };
  }

  define(requirements: Partial<TaskRequirements>): number {
    return this.engine.defineClass({ resources: { cpu: 1 }, ...requirements });
  }
}

const SPECS: Readonly<Record<string, ExclusionSpec>> = {
  'a label': { sameLabel: 'job' },
  'a selector': { selector: { matchLabels: { job: 'web' } } },
};

describe.each(Object.entries(SPECS))('exclusion by %s', (_what, excludes) => {
  test.each(['class-tree', 'ordered-index'] as const)('%s does not ask the constraint', (structure) => {
    const rows = [undefined, excludes].map((spec) => {
      const fixture = new Fixture(structure);
      const classId = fixture.define({ job: 'web', constraints: [fixture.apartFrom('web', spec)] });
      const handles = Array.from({ length: AGENTS }, () => fixture.engine.place(classId));
      expect(fixture.engine.place(classId)).toBe(-1);
      for (const handle of handles.slice(40, 80)) fixture.engine.release(handle);
      const again = Array.from({ length: 41 }, () => fixture.engine.place(classId));
      expect(fixture.engine.work.decisionsBy[structure]).toBeGreaterThan(300);
      expect(fixture.engine.verify()).toEqual([]);
      expect(fixture.asked > 0).toBe(spec === undefined);
      return [...handles.slice(0, 40), ...again].map((handle) =>
        handle < 0 ? -1 : fixture.engine.agentOf(handle),
      );
    });
    expect(rows[1]).toEqual(rows[0]);
  });

  test('a scan and an explanation ask it', () => {
    const fixture = new Fixture('scan');
    const classId = fixture.define({ job: 'web', constraints: [fixture.apartFrom('web', excludes)] });
    for (let i = 0; i < AGENTS; i++) fixture.engine.place(classId);
    expect(fixture.asked).toBeGreaterThan(AGENTS);
    expect(fixture.engine.place(classId)).toBe(-1);
    expect(JSON.stringify(fixture.engine.explain(classId))).toContain('apart');
  });

  test('it holds for what was rolled back, and for tasks of a class that is dropped', () => {
    const fixture = new Fixture('ordered-index');
    const { engine } = fixture;
    const classId = fixture.define({ job: 'web', constraints: [fixture.apartFrom('web', excludes)] });
    const free = fixture.define({ job: 'web' });
    const first = engine.place(free);
    engine.begin();
    expect(engine.agentOf(engine.place(classId))).toBe(1);
    engine.release(first);
    expect(engine.find(classId)).toBe(0);
    engine.rollback();
    expect(engine.find(classId)).toBe(1);
    engine.release(first);
    expect(engine.find(classId)).toBe(0);
    expect(engine.verify()).toEqual([]);
  });
});

test('an exclusion is heeded where idle slots decide all else', () => {
  const engine = new PlacementEngine({
    resources: [{ name: 'cpu' }, { name: 'nic', kind: 'set' }],
    fitness: binPacking('cpu'),
    structure: 'ordered-index',
  });
  for (let i = 0; i < 4; i++)
    engine.addAgent({ resources: { cpu: 100, nic: { slots: 2, unitsPerSlot: 4 } } });
  const alone = engine.defineClass({
    job: 'web',
    resources: { cpu: 1, nic: { units: 1, label: 'web' } },
    constraints: [uniqueHost()],
  });
  const rows = Array.from({ length: 5 }, () => engine.place(alone));
  expect(rows.slice(0, 4).map((handle) => engine.agentOf(handle))).toEqual([0, 1, 2, 3]);
  expect(rows[4]).toBe(-1);
  expect(engine.work.decisionsBy.union).toBe(5);
});

test('what a selector leaves undefined is no label', () => {
  const excludes = { selector: { matchLabels: { job: 'web' } }, sameLabel: undefined };
  const fixture = new Fixture('ordered-index');
  const classId = fixture.define({ job: 'web', constraints: [fixture.apartFrom('web', excludes)] });
  expect([1, 2].map(() => fixture.engine.agentOf(fixture.engine.place(classId)))).toEqual([0, 1]);
});

test('a class without the label is excluded from nowhere', () => {
  const fixture = new Fixture('ordered-index');
  const constraints = [fixture.apartFrom('none', { sameLabel: 'job' })];
  const labelled = fixture.define({ job: 'web', constraints });
  const bare = fixture.define({ constraints });
  expect([labelled, bare, bare].map((id) => fixture.engine.agentOf(fixture.engine.place(id)))).toEqual([
    0, 0, 0,
  ]);
});

test('two exclusions and a constraint that is asked hold together', () => {
  const fixture = new Fixture('ordered-index');
  const odd: HardConstraint = {
    name: 'odd rows',
    dependsOn: 'attributes',
    bind: () => ({ test: (row) => (row % 2 === 1 ? 0 : 1) }),
  };
  const place = (requirements: Partial<TaskRequirements>) =>
    fixture.engine.agentOf(fixture.engine.place(fixture.define(requirements)));
  const constraints = [
    fixture.apartFrom('web', SPECS['a selector']),
    fixture.apartFrom('db', { selector: { matchLabels: { job: 'db' } } }),
    odd,
  ];
  expect([place({ job: 'db' }), place({ job: 'db', constraints: [odd] })]).toEqual([0, 1]);
  expect([1, 2, 3].map(() => place({ job: 'web', constraints }))).toEqual([3, 5, 7]);
});

test('an exclusion that does not depend on the agent alone is not relied on', () => {
  const fixture = new Fixture('ordered-index');
  const { dependsOn: _, ...careless } = fixture.apartFrom('web', SPECS['a label']);
  const classId = fixture.define({ job: 'web', constraints: [careless] });
  expect([1, 2].map(() => fixture.engine.agentOf(fixture.engine.place(classId)))).toEqual([0, 1]);
  expect(fixture.asked).toBeGreaterThan(0);
});

import {
  affinity,
  antiAffinity,
  asSoft,
  attributeEquals,
  attributeIn,
  balanced,
  balancedSoft,
  exclusiveHost,
  matchExpressions,
  uniqueAttribute,
  uniqueHost,
} from '@stowage/constraints';
import {
  type ClusterView,
  constraint,
  type Dependency,
  fitness,
  type FitnessCalculator,
  type HardConstraint,
} from '@stowage/core';
import { binPacking, spreading, weighted } from '@stowage/fitness';
import {
  checkConstraint,
  checkFitness,
  ConformanceError,
  type ContractPromise,
  scanOnlyFitness,
} from '@stowage/testing';
import { describe, expect, it } from 'vitest';

function brokenPromises(check: () => void): ContractPromise[] {
  try {
    check();
  } catch (error) {
    if (error instanceof ConformanceError) return error.violations.map(({ promise }) => promise);
    throw error;
  }
  return [];
}

describe('bundled plug-ins keep their promises', () => {
  const constraints: HardConstraint[] = [
    attributeEquals('zone', 'a'),
    attributeIn('rack', ['r1', 'r2']),
    matchExpressions([
      { key: 'generation', operator: 'Gt', values: ['2'] },
      { key: 'zone', operator: 'NotIn', values: ['b'] },
    ]),
    uniqueHost(),
    uniqueHost('tier'),
    antiAffinity({ matchLabels: { job: 'web' } }),
    uniqueAttribute('zone'),
    exclusiveHost(),
    balanced('zone'),
    balanced('rack', { label: 'tier', expectedValues: 3 }),
  ];
  const calculators: FitnessCalculator[] = [
    binPacking('cpu'),
    binPacking('cpu', 'memory', 'disk'),
    spreading('cpu', 'memory'),
    balancedSoft('zone'),
    asSoft(attributeEquals('zone', 'a')),
    asSoft(uniqueHost()),
    asSoft(exclusiveHost()),
    weighted([
      { fitness: binPacking('cpu'), weight: 3 },
      { fitness: balancedSoft('zone'), weight: 1 },
    ]),
    scanOnlyFitness(binPacking('cpu')),
  ];
  it.each(constraints.map((plugin) => [plugin.name, plugin] as const))('%s', (_name, plugin) =>
    checkConstraint(plugin),
  );
  it.each(calculators.map((plugin) => [plugin.name, plugin] as const))('%s', (_name, plugin) =>
    checkFitness(plugin),
  );
});

describe('a lying constraint is caught', () => {
  it('that claims attributes but counts tasks', () => {
    const liar = constraint('liar', (_task, agent) => agent.taskCount < 2 || 'full', 'attributes');
    expect(brokenPromises(() => checkConstraint(liar))).toContain('dependency');
  });

  it('that claims to be grouped by an attribute but looks at more', () => {
    const liar: HardConstraint = { ...uniqueAttribute('rack'), groupedBy: ['zone'] };
    expect(brokenPromises(() => checkConstraint(liar))).toEqual(
      expect.arrayContaining(['grouped', 'structure']),
    );
  });

  it('that claims only to tighten but follows the first task of its job', () => {
    const liar: HardConstraint = { ...affinity({ matchLabels: { job: 'web' } }), onlyTightens: true };
    expect(brokenPromises(() => checkConstraint(liar))).toContain('tightening');
  });

  it.each<[string, HardConstraint]>([
    ['that excludes another label than it tests', { ...uniqueHost('job'), excludes: { sameLabel: 'tier' } }],
    [
      'that excludes a job but refuses that of its task',
      { ...uniqueHost('job'), excludes: { selector: { matchLabels: { job: 'web' } } } },
    ],
    [
      'that accepts where it excludes',
      {
        name: 'liar',
        dependsOn: 'agent',
        excludes: { sameLabel: 'job' },
        bind: () => ({ test: () => 0 }),
      },
    ],
  ])('%s', (_what, liar) => {
    expect(brokenPromises(() => checkConstraint(liar))).toEqual(
      expect.arrayContaining(['exclusion', 'structure']),
    );
  });

  it('that excludes tasks but does not declare to depend on its agent', () => {
    const { dependsOn: _, ...careless } = uniqueHost();
    expect(brokenPromises(() => checkConstraint(careless))).toEqual([]);
    const liar: HardConstraint = { ...careless, excludes: { sameLabel: 'tier' } };
    expect(brokenPromises(() => checkConstraint(liar))).toEqual(['exclusion']);
  });

  it('that claims its agent but counts the job everywhere', () => {
    const liar: HardConstraint = { ...uniqueAttribute('zone'), dependsOn: 'agent' };
    expect(brokenPromises(() => checkConstraint(liar))).toEqual(
      expect.arrayContaining(['dependency', 'structure']),
    );
  });

  /** Refuses agents for which a number, computed from the view, is odd. */
  const oddity = (
    dependsOn: Dependency,
    bind: (cluster: ClusterView) => (row: number) => number,
  ): HardConstraint => ({
    name: 'liar',
    dependsOn,
    bind(cluster) {
      const numberOf = bind(cluster);
      return { test: (row) => Math.abs(numberOf(row)) % 2 };
    },
  });
  const sum = (column: Int32Array) => column.reduce((total, value) => total + value, 0);
  const selector = { matchExpressions: [{ key: 'job', operator: 'Exists' as const }] };

  it.each<[Dependency, string, (cluster: ClusterView) => (row: number) => number]>([
    ['attributes', 'totals', (cluster) => (row) => cluster.total('cpu')[row]],
    ['attributes', 'starting tasks', (cluster) => (row) => cluster.startingCount[row]],
    ['attributes', 'signals', (cluster) => (row) => cluster.signal('heat')[row]],
    ['attributes', 'items at hand', (cluster) => (row) => cluster.cached('image').countOf(row)],
    [
      'attributes',
      'one item at hand',
      (cluster) => {
        const images = cluster.cached('image');
        return (row) => Number(images.has(row, images.idOf('red')));
      },
    ],
    ['agent', 'the signals of others', (cluster) => () => sum(cluster.signal('heat'))],
    ['agent', 'the taints of others', (cluster) => () => sum(cluster.taints.ids)],
    ['agent', 'who else starts tasks', (cluster) => () => sum(cluster.startingCount)],
    ['agent', 'all selected tasks', (cluster) => () => cluster.selectedTasks(selector).total],
    [
      'agent',
      'selected tasks in the zone',
      (cluster) => {
        const tasks = cluster.selectedTasks(selector, 'zone');
        return (row) => tasks.get(cluster.attribute('zone').ids[row]);
      },
    ],
    [
      'agent',
      'the number of agents in the zone',
      (cluster) => (row) => {
        const zone = cluster.attribute('zone');
        return zone.agentCount(zone.ids[row]);
      },
    ],
    ['agent', 'the time', (cluster) => () => cluster.nowMs()],
    ['group', 'the time', (cluster) => () => cluster.nowMs()],
    ['group', 'the signals of others', (cluster) => () => sum(cluster.signal('heat'))],
    ['group', 'how many tasks start', (cluster) => () => sum(cluster.startingCount)],
  ])('that claims %s but looks at %s', (dependsOn, _what, bind) => {
    expect(brokenPromises(() => checkConstraint(oddity(dependsOn, bind)))).toContain('dependency');
    expect(brokenPromises(() => checkConstraint(oddity('anything', bind), { clusters: 8 }))).toEqual([]);
  });

  it.each<[Dependency, string, (cluster: ClusterView) => (row: number) => number]>([
    ['attributes', 'its taints', (cluster) => (row) => cluster.taints.ids[row]],
    ['agent', 'its signals', (cluster) => (row) => cluster.signal('heat')[row]],
    ['agent', 'its items', (cluster) => (row) => cluster.cached('image').countOf(row)],
    ['agent', 'its starting tasks', (cluster) => (row) => cluster.startingCount[row]],
    [
      'agent',
      'its selected tasks',
      (cluster) => {
        const tasks = cluster.selectedTasks({});
        return (row) => tasks.get(row);
      },
    ],
    ['group', 'all selected tasks', (cluster) => () => cluster.selectedTasks({}).total],
  ])('but not one that claims %s and looks at %s', (dependsOn, _what, bind) => {
    expect(brokenPromises(() => checkConstraint(oddity(dependsOn, bind), { clusters: 20 }))).toEqual([]);
  });

  it('that remembers how often it was asked', () => {
    let asked = 0;
    const liar: HardConstraint = { name: 'liar', bind: () => ({ test: () => asked++ % 2 }) };
    expect(brokenPromises(() => checkConstraint(liar))).toContain('pure');
  });

  it('that changes what it is shown', () => {
    const liar: HardConstraint = {
      name: 'liar',
      bind: (cluster) => ({ test: (row) => (cluster.free('cpu')[row]-- > 0 ? 0 : 1) }),
    };
    expect(brokenPromises(() => checkConstraint(liar))).toContain('pure');
  });

  it.each([0.5, -1, NaN])('that answers %d', (verdict) => {
    const liar: HardConstraint = {
      name: 'liar',
      dependsOn: 'attributes',
      bind: () => ({ test: () => verdict }),
    };
    expect(brokenPromises(() => checkConstraint(liar))).toContain('valid');
  });

  it('that throws', () => {
    const liar: HardConstraint = {
      name: 'liar',
      bind: () => ({
        test() {
          throw new Error('no idea');
        },
      }),
    };
    expect(() => checkConstraint(liar)).toThrow(/works: .*no idea/s);
  });
});

describe('a lying fitness calculator is caught', () => {
  const scoring = (
    extra: Partial<FitnessCalculator>,
    score: (row: number, index: number, rows: Int32Array) => number,
  ): FitnessCalculator => ({
    name: 'liar',
    ...extra,
    bind: () => ({
      scoreInto(rows, count, scores) {
        for (let i = 0; i < count; i++) scores[i] = score(rows[i], i, rows);
      },
    }),
  });

  it('that claims its agent but looks at the number of placements', () => {
    const liar: FitnessCalculator = {
      name: 'liar',
      dependsOn: 'agent',
      bind: (cluster) => ({
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) scores[i] = (rows[i] + cluster.placements()) % 3;
        },
      }),
    };
    expect(brokenPromises(() => checkFitness(liar))).toEqual(
      expect.arrayContaining(['dependency', 'structure']),
    );
  });

  it('whose score depends on the batch', () => {
    expect(brokenPromises(() => checkFitness(scoring({}, (_row, _index, rows) => rows.length)))).toContain(
      'pure',
    );
  });

  it('with fractional scores', () => {
    const liar = fitness('liar', (_task, agent) => agent.free('cpu') / 3, 'agent');
    expect(brokenPromises(() => checkFitness(liar))).toContain('valid');
  });

  it('that leaves scores out', () => {
    const liar: FitnessCalculator = { name: 'liar', bind: () => ({ scoreInto: () => {} }) };
    expect(brokenPromises(() => checkFitness(liar))).toContain('valid');
  });

  it('whose choice of slots throws, by the name of that part', () => {
    const slotFitness = {
      name: 'slot liar',
      bind: () => ({
        score() {
          throw new Error('no idea');
        },
      }),
    };
    expect(() => checkFitness({ ...binPacking('cpu'), slotFitness })).toThrow(
      /works: .*"slot liar".*no idea/,
    );
  });

  it('outside its range', () => {
    expect(brokenPromises(() => checkFitness(scoring({ range: [0, 3] }, (row) => row)))).toContain('range');
  });

  it('that claims a load it does not follow', () => {
    const liar: FitnessCalculator = {
      ...binPacking('cpu'),
      additive: { resources: ['cpu', 'memory'], prefer: 'greater' },
    };
    expect(brokenPromises(() => checkFitness(liar))).toEqual(['additive', 'structure']);
    const turned: FitnessCalculator = {
      ...binPacking('cpu'),
      additive: { resources: ['cpu'], prefer: 'smaller' },
    };
    expect(brokenPromises(() => checkFitness(turned))).toEqual(['additive', 'structure']);
  });

  it('with a message that names promise, plug-in, seed and a short history', () => {
    const liar = fitness('my fitness', (_task, agent) => agent.taskCount, 'attributes');
    expect(() => checkFitness(liar, { seed: 5 })).toThrow(
      /"my fitness" breaks the contract:\n- dependency: declares "attributes".* went from .* when .*seed 5/,
    );
  });
});

describe('the case for custom clusters', () => {
  it('tries a plug-in on the resources, attributes and labels it is made for', () => {
    const resources = [{ name: 'tokens' }];
    checkFitness(spreading('tokens'), { resources, clusters: 20 });
    checkConstraint(balanced('cell', { label: 'team' }), {
      resources,
      attributes: { cell: ['x', 'y'] },
      labels: { team: ['red', 'green'] },
      clusters: 20,
    });
  });

  it('reports a plug-in that cannot be bound there', () => {
    expect(
      brokenPromises(() => checkFitness(binPacking('cpu'), { resources: [{ name: 'tokens' }] })),
    ).toEqual(['works']);
  });
});

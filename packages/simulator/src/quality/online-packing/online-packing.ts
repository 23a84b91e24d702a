/**
 * Online bin packing in one dimension: items arrive one by one, are placed at once and never moved, and what counts is
 * the number of bins. First fit and best fit have to reproduce the published means; ours is held to what FunSearch
 * found for these two families (Romera-Paredes et al., Nature 2023), without having been trained on either.
 */
import type { FitnessCalculator } from '@stowage/core';
import { ArrivalHistory, binPacking, expectedWaste, firstFit } from '@stowage/fitness';
import { SeededRandom } from '../../seeded-random.ts';
import type { Check, Measure, Plot, QualitySuite, SuiteContext, SuiteResult, SuiteStep } from '../suite.ts';
import { dimensionNames, packOnline } from '../vector-packing/online-runs.ts';
import type { VectorInstance } from '../vector-packing/vector-instance.ts';
import { generated, lowerBound, OR3, readSized, type SizeFamily, WEIBULL } from './sized-items.ts';

/** A policy for one instance; what is noted in the history is seen by it. */
type Policy = (history: ArrivalHistory) => FitnessCalculator;

const OURS = 'expected waste';
const BEST_FIT = 'best fit';
const POLICIES: readonly (readonly [name: string, policy: Policy])[] = [
  ['first fit', () => firstFit()],
  [BEST_FIT, ({ resources }) => binPacking(...resources)],
  [OURS, (history) => expectedWaste(history)],
];

/** Published mean bins. */
const PUBLISHED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  [OR3.name]: { 'first fit': 212.75, [BEST_FIT]: 212, FunSearch: 207.45 },
  [WEIBULL.name]: { 'first fit': 2_071.8, [BEST_FIT]: 2_067, FunSearch: 2_001.4 },
};

/** New instances of each family: as many as say something, and few. */
const FRESH = new Map<SizeFamily, number>([
  [OR3, 40],
  [WEIBULL, 20],
]);
const FRESH_SMOKE = 4;
const FRESH_SEED = 1;

/** Instances of one family and the bins that each policy took on average. */
interface Group {
  readonly case: string;
  readonly family: SizeFamily;
  readonly isFresh: boolean;
  readonly instances: readonly VectorInstance[];
}

interface Packed extends Group {
  readonly bound: number;
  readonly bins: ReadonlyMap<string, number>;
  readonly micros: ReadonlyMap<string, number>;
}

/** @public */
export const onlinePacking: QualitySuite = {
  name: 'online-1d',
  summary: 'online bin packing, OR3 and Weibull: how many bins, held to best fit and to FunSearch',
  needsData: false,
  *run({ data, smoke }: SuiteContext): Generator<SuiteStep, SuiteResult> {
    const groups = groupsOf(data, smoke);
    const all = groups.reduce((sum, { instances }) => sum + itemsOf(instances), 0) * POLICIES.length;
    const packed: Packed[] = [];
    let done = 0;
    for (const group of groups) {
      const bins = new Map<string, number>();
      const micros = new Map<string, number>();
      for (const [name, policy] of POLICIES) {
        const startMs = performance.now();
        let sum = 0;
        for (const [i, instance] of group.instances.entries()) {
          yield { share: done / all, next: `${group.case} ${i + 1}, ${name}` };
          sum += pack(instance, policy);
          done += instance.items.length;
        }
        bins.set(name, sum / group.instances.length);
        micros.set(name, (1e3 * (performance.now() - startMs)) / itemsOf(group.instances));
      }
      const bounds = group.instances.map(lowerBound);
      const bound = bounds.reduce((sum, one) => sum + one, 0) / bounds.length;
      packed.push({ ...group, bound, bins, micros });
    }
    return {
      measures: packed.flatMap(measuresOf),
      checks: packed.flatMap(checksOf),
      plots: [plotOf(packed)],
      notes: [
        'The lower bound is what the items fill to the last unit, rounded up.',
        'Ours begins every instance without knowing sizes or number of items, and learns from the items it has seen.',
        'Time includes that of the engine and of defining a task class for each new size.',
        ...(data === '' ? ['Without data, only new instances were packed; the published ones need it.'] : []),
      ],
    };
  },
};

function groupsOf(data: string, smoke: boolean): Group[] {
  const families = smoke ? [OR3] : [...FRESH.keys()];
  const stored = data === '' ? [] : families;
  return [
    ...stored.map((family) => ({
      case: family.name,
      family,
      isFresh: false,
      instances: readSized(data, family),
    })),
    ...families.map((family) => {
      const random = new SeededRandom(FRESH_SEED);
      const length = smoke ? FRESH_SMOKE : FRESH.get(family)!;
      const instances = Array.from({ length }, () => generated(family, random));
      return { case: `${family.name}, new`, family, isFresh: true, instances };
    }),
  ];
}

function pack(instance: VectorInstance, policy: Policy): number {
  const history = new ArrivalHistory(dimensionNames(instance));
  return packOnline(instance, policy(history), (item) => history.observe(item));
}

function itemsOf(instances: readonly VectorInstance[]): number {
  return instances.reduce((sum, { items }) => sum + items.length, 0);
}

function measuresOf({ case: name, family, isFresh, bound, bins, micros }: Packed): Measure[] {
  const published = isFresh ? [] : Object.entries(PUBLISHED[family.name]);
  const theirs = published.filter(([policy]) => !bins.has(policy));
  return [
    ...[['lower bound', bound] as const, ...bins, ...theirs].flatMap(([policy, value]) => [
      { case: name, policy, metric: 'mean bins', value, decimals: 2 },
      { case: name, policy, metric: 'above the lower bound, %', value: excess(value, bound), decimals: 2 },
    ]),
    ...[...micros].map(([policy, value]) => ({
      case: name,
      policy,
      metric: 'µs per placement',
      value,
      decimals: 1,
    })),
  ];
}

function checksOf({ case: name, family, isFresh, bins }: Packed): Check[] {
  const published = PUBLISHED[family.name];
  if (isFresh) return [below(`${name}: fewer bins than best fit`, bins.get(OURS)!, bins.get(BEST_FIT)!)];
  const golden = POLICIES.filter(([policy]) => policy in published).map(([policy]): Check => ({
    name: `${name}: ${policy} reproduces the published mean`,
    kind: 'golden',
    value: bins.get(policy)!,
    relation: 'equal',
    reference: published[policy],
    tolerance: 1e-9,
    decimals: 2,
  }));
  return [...golden, below(`${name}: fewer bins than FunSearch`, bins.get(OURS)!, published.FunSearch)];
}

function below(name: string, value: number, reference: number): Check {
  return { name, kind: 'target', value, relation: 'below', reference, decimals: 2 };
}

function plotOf(packed: readonly Packed[]): Plot {
  return {
    title: 'Bins above the lower bound',
    xLabel: 'instances',
    yLabel: '% above the lower bound',
    categories: packed.map((group) => group.case),
    series: POLICIES.map(([label]) => ({
      label,
      points: packed.map(({ bins, bound }, x) => [x, excess(bins.get(label)!, bound)] as const),
    })),
  };
}

function excess(bins: number, bound: number): number {
  return 100 * (bins / bound - 1);
}

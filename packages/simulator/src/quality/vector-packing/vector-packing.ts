/**
 * Vector bin packing: how many equal bins (agents) a set of items (tasks) with demands in 3, 5 or 10 dimensions takes.
 * The heuristics that the engine can express reproduce their published columns; ours are held against the best of the
 * 351 that were published, online in the order of arrival and as a batch of which all items are known.
 */
import { join } from 'node:path';
import type { QualitySuite, SuiteContext, SuiteResult, SuiteStep } from '../suite.ts';
import {
  type Packed,
  packingChecks,
  packingMeasures,
  packingPlots,
  type Reference,
} from './packing-figures.ts';
import { batch, firstFit, firstFitDecreasingL2, firstFitDecreasingMax, leastWaste } from './packing-runs.ts';
import { INSTANCE_SETS, type InstanceSet, type PublishedInstance, readPublished } from './vector-data.ts';
import type { VectorInstance } from './vector-instance.ts';

/** A way to pack that is run here. */
interface Method extends Reference {
  /** @returns bins */
  readonly pack: (instance: VectorInstance) => number;
}

const BEST_ONLINE = 'BF-L1-Unit';
const BEST_SINGLE = 'BCS-DP1-Avg-Dyn';

const METHODS: readonly Method[] = [
  { method: 'FF', pack: firstFit, golden: 'FF' },
  { method: 'FFD-L2-Avg', pack: firstFitDecreasingL2, golden: 'FFD-L2-Avg' },
  { method: 'FFD-Linf-Unit', pack: firstFitDecreasingMax, golden: 'FFD-Linf-Unit' },
  { method: 'ours, online', pack: leastWaste, target: { New: BEST_ONLINE } },
  { method: 'ours, batch', pack: batch, target: { New: BEST_SINGLE, Triplet: BEST_SINGLE } },
];
/** Published columns shown beside them. */
const SHOWN = [BEST_ONLINE, BEST_SINGLE];
const COLUMNS = [...SHOWN, ...METHODS.flatMap(({ golden }) => golden ?? [])];
const BEST_OF_ALL = 'best of 351 for each';
/** Of the smoke run: most items, and only the first instance of each kind. */
const SMOKE_ITEMS = 60;

/** @public */
export const vectorPacking: QualitySuite = {
  name: 'vector-packing',
  summary:
    'Vector bin packing, 1,320 instances of 3 to 10 dimensions: fewer bins than 351 published heuristics?',
  needsData: true,
  *run({ data, smoke }: SuiteContext): Generator<SuiteStep, SuiteResult> {
    const given = INSTANCE_SETS.flatMap((set) =>
      readPublished(join(data, 'vectorpack'), set, COLUMNS)
        .filter(({ instance }) => !smoke || isForSmoke(instance))
        .map((published) => ({ set, published })),
    );
    const packed: Packed[] = [];
    // Time grows about in proportion to the items.
    const all = given.reduce((sum, { published }) => sum + published.instance.items.length, 0);
    let done = 0;
    for (const { set, published } of given) {
      yield { share: done / all, next: published.instance.name };
      packed.push(packedBy(set, published));
      done += published.instance.items.length;
    }
    return {
      measures: packingMeasures(packed),
      checks: packingChecks(packed, METHODS),
      plots: packingPlots(packed),
      notes: [
        'New: six classes of 20 to 500 items; Triplet: bins that three items fill to the last unit, or nearly.',
        'The best known packing is the optimum where it was published, else that of the best of 351 heuristics for the instance; a gap below 0 is a better one.',
        'Negative sizes of a few Triplet items are read as 0 for our methods, which makes their instances harder.',
        'The batch works with its default budget of steps, which is the same on every machine.',
      ],
    };
  },
};

function isForSmoke({ name, items }: VectorInstance): boolean {
  return items.length <= SMOKE_ITEMS && name.endsWith('_0');
}

function packedBy(set: InstanceSet, published: PublishedInstance): Packed {
  const ours = METHODS.map(({ method, pack }) => [method, pack(published.instance)] as const);
  const theirs = SHOWN.map((name) => [name, published.published[name]] as const);
  const bins = new Map([...theirs, [BEST_OF_ALL, published.bestOfAll], ...ours]);
  return { ...published, set, bins };
}

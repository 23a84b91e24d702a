/**
 * What the packed instances come to: totals and gaps by method, held to the published columns.
 */
import { figure } from '../measure-tables.ts';
import type { Check, Measure, Plot } from '../suite.ts';
import { type InstanceSet, INSTANCE_SETS, type PublishedInstance } from './vector-data.ts';

/** One instance and the bins it took by method, published ones included. */
export interface Packed extends PublishedInstance {
  readonly set: InstanceSet;
  readonly bins: ReadonlyMap<string, number>;
}

/** What a method's figures are held to. */
export interface Reference {
  readonly method: string;
  /** The published column that the method reproduces on the New instances. */
  readonly golden?: string;
  /** The published column that the method is to be better than, by set. */
  readonly target?: Readonly<Partial<Record<InstanceSet, string>>>;
}

/** Totals and mean gaps by method: of each set, whole and by number of dimensions. */
export function packingMeasures(packed: readonly Packed[]): Measure[] {
  return cases(packed).flatMap(([name, of]) =>
    methodsOf(packed).flatMap((policy) => [
      { case: name, policy, metric: 'bins', value: total(of, policy), decimals: 0 },
      {
        case: name,
        policy,
        metric: 'mean gap to the best known packing, %',
        value: gap(of, policy),
        decimals: 2,
      },
    ]),
  );
}

export function packingChecks(packed: readonly Packed[], references: readonly Reference[]): Check[] {
  return references.flatMap(({ method, golden, target = {} }) => [
    ...(golden === undefined ? [] : [goldenCheck(packed, method, golden)]),
    ...INSTANCE_SETS.flatMap((set) => {
      const column = target[set];
      return column === undefined ? [] : [targetCheck(packed, method, set, column)];
    }),
  ]);
}

export function packingPlots(packed: readonly Packed[]): Plot[] {
  return [
    gapPlot('Bins above the best known packing, by class', 'class', packed, classOf),
    gapPlot('Bins above the best known packing, by number of items', 'items', packed, itemsOf),
  ];
}

function goldenCheck(packed: readonly Packed[], method: string, column: string): Check {
  const ofNew = packed.filter(({ set }) => set === 'New');
  return {
    name: `${method}: New instances on which the bins equal the published ones`,
    kind: 'golden',
    value: ofNew.filter(({ bins, published }) => bins.get(method) === published[column]).length,
    relation: 'equal',
    reference: ofNew.length,
    decimals: 0,
  };
}

function targetCheck(packed: readonly Packed[], method: string, set: InstanceSet, column: string): Check {
  const ofSet = packed.filter((one) => one.set === set);
  return {
    name: `${set}: ${method} needs fewer bins than ${column}`,
    kind: 'target',
    value: total(ofSet, method),
    relation: 'below',
    reference: ofSet.reduce((sum, { published }) => sum + published[column], 0),
    decimals: 0,
  };
}

function cases(packed: readonly Packed[]): [name: string, of: readonly Packed[]][] {
  return INSTANCE_SETS.flatMap((set) => {
    const whole = packed.filter((one) => one.set === set);
    const parts = grouped(whole, ({ instance }) => `${set}, ${instance.capacity.length} dimensions`);
    return [[set, whole] as [string, readonly Packed[]], ...parts];
  });
}

function gapPlot(
  title: string,
  xLabel: string,
  packed: readonly Packed[],
  categoryOf: (one: Packed) => string,
): Plot {
  const groups = grouped(packed, categoryOf);
  return {
    title,
    xLabel,
    yLabel: 'mean gap, %',
    categories: groups.map(([category]) => category),
    series: methodsOf(packed).map((label) => ({
      label,
      points: groups.map(([, of], x) => [x, gap(of, label)] as const),
    })),
  };
}

function classOf({ set, instance }: Packed): string {
  return `${set} ${instance.name.split('_')[0].replace('class', '')}`;
}

function itemsOf({ set, instance }: Packed): string {
  return `${set} ${figure(instance.items.length, 0)}`;
}

function total(packed: readonly Packed[], policy: string): number {
  return packed.reduce((sum, { bins }) => sum + bins.get(policy)!, 0);
}

/** Mean over instances, in percent. */
function gap(packed: readonly Packed[], policy: string): number {
  const shares = packed.map(({ bins, bestKnown }) => bins.get(policy)! / bestKnown - 1);
  return (100 * shares.reduce((sum, share) => sum + share, 0)) / shares.length;
}

/** Groups in the order of their names, numbers by value. */
function grouped(packed: readonly Packed[], nameOf: (one: Packed) => string): [string, readonly Packed[]][] {
  const groups = new Map<string, Packed[]>();
  for (const one of packed) {
    const name = nameOf(one);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [one]);
    else group.push(one);
  }
  return [...groups].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
}

function methodsOf(packed: readonly Packed[]): string[] {
  return [...packed[0].bins.keys()];
}

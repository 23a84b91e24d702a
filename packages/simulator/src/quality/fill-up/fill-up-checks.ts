/**
 * What the fill-up experiment is held to: the published runs, and the published means of FGD that ours has to beat.
 */
import { CELL_TOLERANCE } from '../../replay/expected-results.ts';
import type { Check } from '../suite.ts';
import { unique } from '../unique.ts';
import {
  type FillUpRun,
  mean,
  meanAllocation,
  OURS,
  pairedDifferences,
  PUBLISHED_BEST,
} from './fill-up-measures.ts';

/** Published means of FGD at 130 % arrival over ten seeds, in %, that ours is held to by workload. */
const PUBLISHED_MEANS = {
  default: 95.39,
  gpushare100: 86.9,
  multigpu50: 97.18,
  gpuspec33: 94.55,
  cpu250: 93.41,
};

/** The means of the published means over all 17 workloads, by arrived %. */
const PUBLISHED_MEAN = { 130: 94.21, 100: 93.61 };

/** How many points ours may be behind on a workload. */
const GREATEST_LOSS = 0.1;

export function checksOf(runs: readonly FillUpRun[], smoke: boolean): Check[] {
  const recorded = runs.filter(({ isFresh }) => !isFresh);
  const fresh = runs.filter(({ isFresh }) => isFresh);
  return [
    ...goldenChecks(recorded),
    ...(smoke ? [] : publishedTargets(recorded)),
    ...pairedTargets('recorded', recorded),
    ...(smoke ? [] : pairedTargets('fresh', fresh)),
  ];
}

function goldenChecks(runs: readonly FillUpRun[]): Check[] {
  const policies = unique(runs.map(({ policy }) => policy)).filter((policy) => policy !== OURS);
  return policies.map((policy) => {
    const own = runs.filter((run) => run.policy === policy);
    return {
      name: `${policy}: runs of which all cells are within ${CELL_TOLERANCE} of the published ones`,
      kind: 'golden',
      value: own.filter(({ agrees }) => agrees).length,
      relation: 'equal',
      reference: own.length,
      decimals: 0,
    };
  });
}

function publishedTargets(runs: readonly FillUpRun[]): Check[] {
  const target = (percent: number, name: string, value: number, reference: number): Check => ({
    name: `${OURS}: GPU allocation % at ${percent} % arrival, ${name}, against the published mean of ${PUBLISHED_BEST}`,
    kind: 'target',
    value,
    relation: 'above',
    reference,
    decimals: 2,
  });
  return [
    target(130, 'mean of the workloads', meanAllocation(runs, OURS, 130), PUBLISHED_MEAN[130]),
    target(100, 'mean of the workloads', meanAllocation(runs, OURS, 100), PUBLISHED_MEAN[100]),
    ...Object.entries(PUBLISHED_MEANS).map(([workload, reference]) =>
      target(130, workload, meanAllocation(runs, OURS, 130, workload), reference),
    ),
  ];
}

function pairedTargets(sequences: string, runs: readonly FillUpRun[]): Check[] {
  const differences = pairedDifferences(runs, 130).map((difference) => difference.mean);
  const target = (name: string, value: number, reference: number): Check => ({
    name: `${OURS}: points above ${PUBLISHED_BEST} on the same ${sequences} sequences, ${name}`,
    kind: 'target',
    value,
    relation: 'above',
    reference,
    decimals: 2,
  });
  return [
    target('mean of the workloads', mean(differences), 0),
    target('workload with the least', Math.min(...differences), -GREATEST_LOSS),
  ];
}

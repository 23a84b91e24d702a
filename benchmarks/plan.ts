/**
 * Which measurements a run makes, in order: the cases from the smallest cluster to the largest, so that what is wrong
 * shows early, then the other parts.
 */
import type { Measurement } from './figures.ts';
import { sizesOf } from './macro/cells.ts';
import type { RunOptions } from './options.ts';
import { type CaseName, CASES } from './workloads/cases.ts';

const REPLAY_AGENTS = 1213;

/** Cases of the parts that measure few of them. */
const LATENCY = [
  ['100 shapes', 10_000],
  ['distinct shapes', 100_000],
] as const;
const COLD = [
  ['100 shapes', 10_000],
  ['100 shapes', 100_000],
] as const;
const OBJECT = [
  ['100 shapes', 1000],
  ['100 shapes', 10_000],
] as const;

export function planOf({ only, maxAgents, quick, scale }: RunOptions): Measurement[] {
  return allMeasurements(maxAgents, quick, scale).filter(
    (measurement) =>
      only === undefined ||
      measurement.part === only ||
      ('case' in measurement && measurement.case.includes(only)),
  );
}

/** For progress and errors. */
export function labelOf(measurement: Measurement): string {
  const name = 'case' in measurement ? `${measurement.case}, ` : '';
  return `${measurement.part}: ${name}${measurement.agents} agents`;
}

function allMeasurements(maxAgents: number, quick: boolean, scale: number): Measurement[] {
  const names = Object.keys(CASES) as CaseName[];
  const churn = names
    .flatMap((name) => sizesOf(name).map((agents) => ({ part: 'churn' as const, case: name, agents, quick })))
    .filter(({ agents }) => agents <= maxAgents)
    .sort((a, b) => a.agents - b.agents);
  // Parts with few sizes are run at a smaller one rather than not at all, once.
  const sized = <P extends 'latency' | 'cold' | 'object'>(
    part: P,
    cells: readonly (readonly [CaseName, number])[],
  ) => {
    const seen = new Set<string>();
    return cells
      .map(([name, size]) => ({ part, case: name, agents: Math.min(size, maxAgents), quick }))
      .filter(({ case: name, agents }) => seen.size < seen.add(`${name} ${agents}`).size);
  };
  return [
    ...churn,
    ...sized('latency', LATENCY),
    ...sized('cold', COLD),
    ...sized('object', OBJECT),
    { part: 'micro', agents: Math.min(1000, maxAgents), quick },
    { part: 'replay', agents: Math.round(REPLAY_AGENTS * scale), scale },
  ];
}

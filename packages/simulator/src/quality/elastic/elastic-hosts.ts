/**
 * Virtual machines of Azure arrive and leave; hosts are opened when nothing fits and closed when they are empty. How many
 * host-hours does that take, against the bound of machines that can be divided? Our own protocol, since nobody publishes
 * figures for this trace; see docs/quality.md.
 */
import { join } from 'node:path';
import type { Check, Measure, Plot, QualitySuite, SuiteContext, SuiteResult, SuiteStep } from '../suite.ts';
import { readAzureWindows } from './azure-trace.ts';
import type { ElasticPolicy } from './elastic-fleet.ts';
import {
  BEST_FIT,
  CONSOLIDATED,
  CONSOLIDATED_HOURLY,
  FIRST_FIT,
  HEAVY_TAIL,
  OBSERVED,
  ORACLE,
  predictedPolicy,
} from './elastic-policies.ts';
import { type ElasticOutcome, elasticRun } from './elastic-run.ts';
import type { HostShape } from './host-hours.ts';
import { resampledTrace } from './resampled-trace.ts';
import type { VmTrace } from './vm-trace.ts';

const GIB = 1_024;
/** The hosts that the targets are for. */
export const LARGE: HostShape = { cpu: 64, memoryMiB: 256 * GIB };
const SMALL: HostShape = { cpu: 32, memoryMiB: 128 * GIB };
const POLICIES: readonly ElasticPolicy[] = [
  FIRST_FIT,
  BEST_FIT,
  HEAVY_TAIL,
  OBSERVED,
  predictedPolicy(1),
  predictedPolicy(0.5),
  ORACLE,
  CONSOLIDATED_HOURLY,
  CONSOLIDATED,
];
/** What is enough to see that other hosts, and other windows, rank the policies alike. */
const FEWER = [FIRST_FIT, BEST_FIT, OBSERVED, ORACLE];
const RESAMPLED_DAYS = 4;
const RESAMPLED_SEEDS = [1, 2];
/** Percent over the bound that is to be beaten at 64 cores. */
const WITHOUT_LIFETIMES = 11.4;
const WITH_LIFETIMES = 7;
/** Machines that may be moved at any time should come close to the bound. */
const WITH_MIGRATIONS = 1;
/** What first fit, and least extension with exact lifetimes and best fit, were once measured at elsewhere, on `dev`. */
const MEASURED_BEFORE = { firstFit: 10.25, leastExtension: 6.78 };
const MOST_POINTS = 300;

interface Case {
  readonly name: string;
  readonly trace: VmTrace;
  readonly shape: HostShape;
  readonly policies: readonly ElasticPolicy[];
  /** Default: that of the protocol. */
  readonly warmUpS?: number;
}

/** An outcome with what a machine took, arrival and departure with all that follows from them. */
export interface TimedOutcome extends ElasticOutcome {
  readonly microsPerMachine: number;
}

export interface CaseOutcome extends Pick<Case, 'name' | 'shape'> {
  readonly window: string;
  readonly outcomes: readonly TimedOutcome[];
}

/** @public */
export const elasticHosts: QualitySuite = {
  name: 'elastic',
  summary: 'Virtual machines of Azure arrive and leave: host-hours of elastic hosts against the bound.',
  needsData: true,
  *run({ data, smoke }: SuiteContext): Generator<SuiteStep, SuiteResult> {
    yield { share: 0, next: 'reading the Azure trace' };
    const windows = readAzureWindows(join(data, 'azure-v1-processed'));
    const cases = smoke ? smokeCases(windows[0]) : windows.flatMap(fullCases);
    const runs = cases.reduce((sum, { policies }) => sum + policies.length, 0);
    const results: CaseOutcome[] = [];
    let done = 0;
    for (const { name, trace, shape, policies, warmUpS } of cases) {
      const outcomes: TimedOutcome[] = [];
      for (const policy of policies) {
        const beginMs = performance.now();
        const run = elasticRun(trace, shape, policy, warmUpS === undefined ? {} : { warmUpS });
        let state = run.next();
        for (; state.done !== true; state = run.next())
          yield { share: (done + state.value) / runs, next: `${name}, ${policy.name}` };
        const microsPerMachine = (1e3 * (performance.now() - beginMs)) / trace.arrivalS.length;
        outcomes.push({ ...state.value, microsPerMachine });
        done++;
      }
      results.push({ name, window: trace.name, shape, outcomes });
    }
    return {
      measures: results.flatMap(measuresOf),
      checks: smoke ? [] : results.flatMap(checksOf),
      plots: results.map(plotOf),
      notes: [
        'A machine lives until the middle of its lifetime bin, 150 s at least; one that is still running at the end of the trace stays. The first day is not counted. Hosts are ready at once, so nobody waits, and are closed as soon as they are empty.',
        'Time per machine is that of the whole run: queue, auto-scaler, forecasts, migrations and the engine.',
        'Bound: Σ time · max(⌈cpu in use / cpu of a host⌉, ⌈memory in use / memory of a host⌉).',
      ],
    };
  },
};

function fullCases(trace: VmTrace): Case[] {
  const caseOf = (window: VmTrace, shape: HostShape, policies: readonly ElasticPolicy[]): Case => ({
    name: caseName(window, shape),
    trace: window,
    shape,
    policies,
  });
  const resampled = RESAMPLED_SEEDS.map((seed) =>
    caseOf(resampledTrace(trace, RESAMPLED_DAYS, seed), LARGE, FEWER),
  );
  return [
    caseOf(trace, LARGE, POLICIES),
    caseOf(trace, SMALL, [...FEWER, CONSOLIDATED_HOURLY, CONSOLIDATED]),
    ...resampled,
  ];
}

/** A quarter of a day, of which the second half counts. */
function smokeCases(trace: VmTrace): Case[] {
  const window = resampledTrace(trace, 0.25, 1);
  const policies = [FIRST_FIT, OBSERVED, ORACLE];
  return [{ name: caseName(window, LARGE), trace: window, shape: LARGE, policies, warmUpS: window.endS / 2 }];
}

function caseName({ name }: VmTrace, { cpu, memoryMiB }: HostShape): string {
  return `${name}, ${cpu} cores, ${memoryMiB / GIB} GiB`;
}

function measuresOf({ name, outcomes }: CaseOutcome): Measure[] {
  const metrics: readonly [metric: string, decimals: number, of: (outcome: TimedOutcome) => number][] = [
    ['host-hours over the bound, %', 2, ({ percentOverBound }) => percentOverBound],
    ['host-hours', 0, ({ hostHours }) => hostHours],
    ['most hosts at a time', 0, ({ peakHosts }) => peakHosts],
    ['hosts opened', 0, ({ opened }) => opened],
    ['hosts closed', 0, ({ closed }) => closed],
    ['migrations', 0, ({ migrations }) => migrations],
    ['machines refused', 0, ({ refused }) => refused],
    ['time per machine, µs', 1, ({ microsPerMachine }) => microsPerMachine],
  ];
  const bound: Measure = {
    case: name,
    policy: 'bound',
    metric: 'host-hours',
    value: outcomes[0].boundHours,
    decimals: 0,
  };
  const measured = metrics.flatMap(([metric, decimals, of]) =>
    outcomes.map((outcome): Measure => ({
      case: name,
      policy: outcome.policy,
      metric,
      value: of(outcome),
      decimals,
    })),
  );
  return [...measured, bound];
}

/** What a case is held to. */
export function checksOf({ name, window, shape, outcomes }: CaseOutcome): Check[] {
  if (shape !== LARGE) return [];
  const of = ({ name: policy }: ElasticPolicy): number =>
    outcomes.find((outcome) => outcome.policy === policy)!.percentOverBound;
  const below = (text: string, value: number, reference: number): Check => ({
    name: `${name}: ${text}`,
    kind: 'target',
    value,
    relation: 'below',
    reference,
    decimals: 2,
  });
  const observed = below('without lifetimes, against first fit', of(OBSERVED), of(FIRST_FIT));
  if (window.includes('resampled')) return [observed, below('with lifetimes', of(ORACLE), WITH_LIFETIMES)];
  const checks = [
    below('without lifetimes', of(OBSERVED), WITHOUT_LIFETIMES),
    observed,
    below('with lifetimes', of(ORACLE), WITH_LIFETIMES),
    below('with migrations', of(CONSOLIDATED), WITH_MIGRATIONS),
  ];
  if (window !== 'dev') return checks;
  return [
    ...checks,
    below('without lifetimes, against first fit as measured before', of(OBSERVED), MEASURED_BEFORE.firstFit),
    below(
      'with lifetimes, against least extension as measured before',
      of(ORACLE),
      MEASURED_BEFORE.leastExtension,
    ),
  ];
}

function plotOf({ name, outcomes }: CaseOutcome): Plot {
  const shown = outcomes.filter(({ policy }) =>
    [FIRST_FIT, OBSERVED, ORACLE].some(({ name: one }) => one === policy),
  );
  const hoursOf = (timeS: number): number => timeS / 3600;
  const bound = thinned(outcomes[0].samples).map(
    ({ timeS, bound: hosts }) => [hoursOf(timeS), hosts] as const,
  );
  return {
    title: name,
    xLabel: 'hours',
    yLabel: 'hosts',
    series: [
      ...shown.map(({ policy, samples }) => ({
        label: policy,
        points: thinned(samples).map(({ timeS, hosts }) => [hoursOf(timeS), hosts] as const),
      })),
      { label: 'bound', points: bound },
    ],
  };
}

/** Every so manieth, so that a plot stays small. */
function thinned<T>(samples: readonly T[]): T[] {
  const step = Math.ceil(samples.length / MOST_POINTS);
  return samples.filter((_, i) => i % step === 0);
}

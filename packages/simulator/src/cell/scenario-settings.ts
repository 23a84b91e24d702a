/**
 * A scenario with its defaults filled in and its figures checked, before anything is built from it.
 */
import { show } from '@stowage/core';
import { fail } from '../errors.ts';
import type { AgentCosts, CellPaces, CellScenario, MessageFaults, PlacementPolicy } from './scenario.ts';

const PACES: CellPaces = {
  cycleMs: 500,
  failureMs: 0.2,
  autoscaleMs: 10_000,
  relocationMs: 30_000,
  sampleMs: 60_000,
};

const COSTS: AgentCosts = {
  imagePullMs: 20_000,
  cachedImages: 50,
  interfaceSetUpMs: 2_000,
  interfaceRebindMs: 8_000,
  addressMs: 200,
  interfaceCallsPerSecond: 50,
  launchesAtATime: 4,
  lossDetectionMs: 60_000,
};

const FAULTS: MessageFaults = { duplicate: 0, late: 0, wrong: 0, lateMs: 5_000 };

/** What a scenario leaves out, filled in. */
export interface ScenarioSettings {
  readonly paces: CellPaces;
  readonly costs: AgentCosts;
  readonly faults: MessageFaults;
  readonly placement: PlacementPolicy;
}

/** @throws StowageError INVALID_OPTION */
export function scenarioSettings(scenario: CellScenario): ScenarioSettings {
  const { name, durationMs, pools, arrivals, milestones = [] } = scenario;
  const what = `scenario ${show(name)}`;
  positive(`durationMs of ${what}`, durationMs);
  const names = pools.map((pool) => pool.name);
  if (new Set(names).size < names.length) fail('INVALID_OPTION', `two pools of ${what} have one name.`);
  for (const { name: pool, agents, zones, bootMs = 0 } of pools) {
    whole(`agents of pool "${pool}"`, agents);
    count(`bootMs of pool "${pool}"`, bootMs);
    if (zones?.length === 0) fail('INVALID_OPTION', `pool "${pool}" has no zones; name one or leave it out.`);
  }
  const jobs = arrivals.map((arrival) => arrival.name);
  if (new Set(jobs).size < jobs.length) fail('INVALID_OPTION', `two arrivals of ${what} have one name.`);
  for (const { name: arrival, when } of arrivals) {
    if ('everyMs' in when) positive(`everyMs of "${arrival}"`, when.everyMs);
    if ('ratePerHour' in when) {
      positive(`ratePerHour of "${arrival}"`, when.ratePerHour);
      const { profile } = when;
      if (profile !== undefined && !(profile.length === 24 && Math.max(...profile) > 0))
        fail('INVALID_OPTION', `the profile of "${arrival}" needs 24 factors, one of them above 0.`);
    }
  }
  for (const milestone of milestones) whole(`count of milestone "${milestone.name}"`, milestone.count, 1);
  for (const action of scenario.actions ?? []) {
    if (action.kind !== 'replace-pool') continue;
    whole(`batch of the replacement of "${action.pool}"`, action.batch, 1);
    if (!names.includes(action.pool)) fail('INVALID_OPTION', `${what} has no pool ${show(action.pool)}.`);
  }
  const paces = filled('paces', PACES, scenario.paces);
  for (const pace of ['cycleMs', 'autoscaleMs', 'relocationMs', 'sampleMs'] as const)
    positive(`${pace} of paces`, paces[pace]);
  const costs = filled('costs', COSTS, scenario.costs);
  positive('interfaceCallsPerSecond of costs', costs.interfaceCallsPerSecond);
  whole('launchesAtATime of costs', costs.launchesAtATime, 1);
  whole('cachedImages of costs', costs.cachedImages, 1);
  const faults = filled('faults', FAULTS, scenario.faults);
  for (const fault of ['duplicate', 'late', 'wrong'] as const)
    if (faults[fault] > 1)
      fail('INVALID_OPTION', `${fault} of faults is ${faults[fault]}; give a number from 0 to 1.`);
  return { paces, costs, faults, placement: scenario.placement ?? 'spreading' };
}

function filled<T extends { readonly [K in keyof T]: number }>(
  what: string,
  defaults: T,
  given: Partial<T> = {},
): T {
  const all = { ...defaults, ...given };
  for (const [name, value] of Object.entries<number>(all)) count(`${name} of ${what}`, value);
  return all;
}

function positive(what: string, value: number): void {
  if (!(Number.isFinite(value) && value > 0))
    fail('INVALID_OPTION', `${what} is ${show(value)}; give a number above 0.`);
}

function count(what: string, value: number): void {
  if (!(Number.isFinite(value) && value >= 0))
    fail('INVALID_OPTION', `${what} is ${show(value)}; give a number of at least 0.`);
}

function whole(what: string, value: number, least = 0): void {
  if (!(Number.isSafeInteger(value) && value >= least))
    fail('INVALID_OPTION', `${what} is ${show(value)}; give a whole number of at least ${least}.`);
}

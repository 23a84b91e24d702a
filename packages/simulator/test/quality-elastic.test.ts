/**
 * The elastic suite. Queue, auto-scaler and engine together must do what the plain loop does: a machine goes to the
 * best host with room, else to a new one, and a host without machines is gone.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAzureWindows } from '../src/quality/elastic/azure-trace.ts';
import type { ElasticPolicy } from '../src/quality/elastic/elastic-fleet.ts';
import { type CaseOutcome, checksOf, elasticHosts, LARGE } from '../src/quality/elastic/elastic-hosts.ts';
import {
  BEST_FIT,
  CONSOLIDATED,
  CONSOLIDATED_HOURLY,
  FIRST_FIT,
  HEAVY_TAIL,
  OBSERVED,
  ORACLE,
  predictedPolicy,
} from '../src/quality/elastic/elastic-policies.ts';
import { type ElasticOutcome, elasticRun } from '../src/quality/elastic/elastic-run.ts';
import type { HostShape } from '../src/quality/elastic/host-hours.ts';
import { resampledTrace } from '../src/quality/elastic/resampled-trace.ts';
import { STAYS, type VmTrace } from '../src/quality/elastic/vm-trace.ts';
import { holds, type SuiteResult, type SuiteStep } from '../src/quality/suite.ts';
import { generatedTrace, vmFolder } from './vm-folder.ts';

const HOST: HostShape = { cpu: 16, memoryMiB: 65_536 };

describe('what the suite is held to', () => {
  /** Per cent over the bound by policy. */
  function caseOf(
    window: string,
    shape: HostShape,
    percents: readonly (readonly [ElasticPolicy, number])[],
  ): CaseOutcome {
    const outcomes = percents.map(([{ name: policy }, percentOverBound]) => ({
      policy,
      percentOverBound,
      hostHours: 1,
      boundHours: 1,
      peakHosts: 1,
      opened: 1,
      closed: 1,
      migrations: 0,
      refused: 0,
      samples: [],
      microsPerMachine: 1,
    }));
    return { name: window, window, shape, outcomes };
  }
  const missed = (outcome: CaseOutcome): string[] =>
    checksOf(outcome)
      .filter((check) => !holds(check))
      .map(({ name }) => name);

  test.each([
    [[10.4, 9.5, 3.6, 0.7], 0],
    [[10.4, 10.3, 3.6, 0.7], 1],
    [[9, 9.5, 3.6, 0.7], 1],
    [[12, 11.5, 7, 1], 5],
  ] as const)(
    'dev: first fit, observed, exact, migrations %j',
    ([first, observed, exact, migrating], count) => {
      const outcome = caseOf('dev', LARGE, [
        [FIRST_FIT, first],
        [OBSERVED, observed],
        [ORACLE, exact],
        [CONSOLIDATED, migrating],
      ]);
      expect(checksOf(outcome)).toHaveLength(6);
      expect(missed(outcome)).toHaveLength(count);
      expect(checksOf({ ...outcome, shape: HOST })).toEqual([]);
    },
  );

  test('a resampled window is held to first fit, and with lifetimes to the target', () => {
    const outcome = caseOf('dev, resampled with seed 1', LARGE, [
      [FIRST_FIT, 12],
      [OBSERVED, 12.1],
      [ORACLE, 7.1],
    ]);
    expect(missed(outcome)).toHaveLength(2);
  });
});

function outcomeOf(trace: VmTrace, policy: ElasticPolicy, warmUpS = 0, shape = HOST): ElasticOutcome {
  return resultOf(elasticRun(trace, shape, policy, { warmUpS }));
}

function resultOf<T>(run: Generator<unknown, T>): T {
  let state = run.next();
  while (state.done !== true) state = run.next();
  return state.value;
}

interface PlainHost {
  cpu: number;
  memory: number;
  readonly vms: Set<number>;
}

/** The protocol as one would write it down, second by second; hosts keep their place, and the first free one is reused. */
function plainLoop(
  trace: VmTrace,
  warmUpS: number,
  better: (a: PlainHost, b: PlainHost) => boolean,
): { hostHours: number; boundHours: number; opened: number; peakHosts: number } {
  const { arrivalS, lifetimeS, flavour, flavours, endS } = trace;
  const places: (PlainHost | undefined)[] = [];
  let hostS = 0;
  let boundS = 0;
  let opened = 0;
  let peakHosts = 0;
  for (let nowS = 0; nowS < endS; nowS++) {
    const cpuOf = (vm: number): number => flavours[flavour[vm]].cpu;
    const memoryOf = (vm: number): number => flavours[flavour[vm]].memoryMiB;
    places.forEach((host, place) => {
      for (const vm of host?.vms ?? []) {
        if (lifetimeS[vm] === STAYS || arrivalS[vm] + lifetimeS[vm] !== nowS) continue;
        host!.vms.delete(vm);
        host!.cpu -= cpuOf(vm);
        host!.memory -= memoryOf(vm);
      }
      if (host?.vms.size === 0) places[place] = undefined;
    });
    for (let vm = 0; vm < arrivalS.length; vm++) {
      if (arrivalS[vm] !== nowS) continue;
      let best: PlainHost | undefined;
      for (const host of places) {
        if (host === undefined) continue;
        if (host.cpu + cpuOf(vm) > HOST.cpu || host.memory + memoryOf(vm) > HOST.memoryMiB) continue;
        if (best === undefined || better(host, best)) best = host;
      }
      if (best === undefined) {
        best = { cpu: 0, memory: 0, vms: new Set() };
        const free = places.findIndex((host) => host === undefined);
        places[free < 0 ? places.length : free] = best;
        opened++;
      }
      best.vms.add(vm);
      best.cpu += cpuOf(vm);
      best.memory += memoryOf(vm);
    }
    const open = places.filter((host) => host !== undefined);
    peakHosts = Math.max(peakHosts, open.length);
    if (nowS < warmUpS) continue;
    const cpu = open.reduce((sum, host) => sum + host.cpu, 0);
    const memory = open.reduce((sum, host) => sum + host.memory, 0);
    hostS += open.length;
    boundS += Math.max(Math.ceil(cpu / HOST.cpu), Math.ceil(memory / HOST.memoryMiB));
  }
  return { hostHours: hostS / 3600, boundHours: boundS / 3600, opened, peakHosts };
}

const load = ({ cpu, memory }: PlainHost): number => cpu * HOST.memoryMiB + memory * HOST.cpu;

describe('queue, auto-scaler and engine together', () => {
  const seed = fc.integer({ min: 1, max: 1_000_000 });

  test.each([
    [FIRST_FIT, () => false],
    [BEST_FIT, (a: PlainHost, b: PlainHost) => load(a) > load(b)],
  ] as const)('$name: the same as the plain loop', (policy, better) => {
    fc.assert(
      fc.property(seed, fc.constantFrom(0, 900), (one, warmUpS) => {
        const trace = generatedTrace(one, 15, 3);
        const { hostHours, boundHours, opened, peakHosts } = outcomeOf(trace, policy, warmUpS);
        expect({ hostHours, boundHours, opened, peakHosts }).toEqual(plainLoop(trace, warmUpS, better));
      }),
      { numRuns: 15 },
    );
  });

  test.each([
    FIRST_FIT,
    BEST_FIT,
    HEAVY_TAIL,
    OBSERVED,
    predictedPolicy(1),
    ORACLE,
    CONSOLIDATED,
    CONSOLIDATED_HOURLY,
  ])('$name: repeatable, never below the bound, nobody refused, and every sample is counted', (policy) => {
    const trace = generatedTrace(7, 60, 6);
    const outcome = outcomeOf(trace, policy);
    expect(outcome).toEqual(outcomeOf(trace, policy));
    expect(outcome).toMatchObject({ refused: 0 });
    expect(outcome.percentOverBound).toBeGreaterThanOrEqual(0);
    expect(outcome.samples).toHaveLength(60);
    for (const { hosts, bound } of outcome.samples) expect(hosts).toBeGreaterThanOrEqual(bound);
    expect(outcome.opened - outcome.closed).toBeLessThanOrEqual(outcome.peakHosts);
  });

  test('lifetimes help, and migrations help most', () => {
    const trace = generatedTrace(3, 200, 10);
    const of = (policy: ElasticPolicy): number => outcomeOf(trace, policy).percentOverBound;
    const [first, exact, moved] = [FIRST_FIT, ORACLE, CONSOLIDATED].map(of);
    expect(exact).toBeLessThan(first);
    expect(moved).toBeLessThan(exact);
    expect(outcomeOf(trace, CONSOLIDATED).migrations).toBeGreaterThan(0);
  });

  test('a machine that no host could hold is refused, and the others run', () => {
    const outcome = outcomeOf(generatedTrace(5, 10, 4), FIRST_FIT, 0, { cpu: 4, memoryMiB: 65_536 });
    expect(outcome.refused).toBeGreaterThan(0);
    expect(outcome.peakHosts).toBeGreaterThan(0);
  });
});

describe('the Azure trace', () => {
  test('lifetimes are the middles of their bins, 150 s at least; censored machines stay', () => {
    const [window] = readAzureWindows(vmFolder());
    expect(window).toMatchObject({ name: 'dev', endS: 9_000 });
    expect([...window.arrivalS]).toEqual([0, 0, 0, 300]);
    expect([...window.lifetimeS]).toEqual([150, 300, 900, STAYS]);
    expect([...window.batch]).toEqual([0, 1, 1, 2]);
    expect([...window.flavour]).toEqual([0, 0, 1, 1]);
    expect(window.flavours[1]).toEqual({ name: 'o', cpu: 8, memoryMiB: 57_344 });
  });

  test('the test window is read where it is there', () => {
    const folder = vmFolder({
      'traces/v1.test.txt': '20000 b,|,\n',
      'traces/v1.test.c30000.txt': '20000 U1,|,\n',
    });
    expect(readAzureWindows(folder).map(({ name }) => name)).toEqual(['dev', 'test']);
  });

  test.each([
    ['no lifetimes', 'traces/v1.dev.c10000.txt', undefined, /TRACE_NOT_FOUND/],
    ['no arrivals', 'traces/v1.dev.txt', undefined, /TRACE_NOT_FOUND/],
    ['no flavours', 'maps/flav_map.txt', undefined, /TRACE_NOT_FOUND/],
    ['an empty file', 'traces/v1.dev.txt', '', /MALFORMED_TRACE/],
    ['cut off between lines', 'traces/v1.dev.txt', '1000 b,|,b,o,|,\n', /2 lines for 1 of arrivals/],
    ['times that go back', 'traces/v1.dev.txt', '1000 b,|,b,o,|,\n900 o,|,\n', /MALFORMED_TRACE/],
    ['a line cut off', 'traces/v1.dev.txt', '1000 b,|,b,o,|,\n13', /MALFORMED_TRACE/],
    ['lines that do not match', 'traces/v1.dev.c10000.txt', '1000 U0,|,U1,U2,|,\n', /MALFORMED_TRACE/],
    [
      'batches that do not match',
      'traces/v1.dev.c10000.txt',
      '1000 U0,|,U1,|,\n1300 C2,|,\n',
      /MALFORMED_TRACE/,
    ],
    ['an unknown flavour', 'traces/v1.dev.txt', '1000 b,|,b,z,|,\n1300 o,|,\n', /MALFORMED_TRACE/],
    ['an unknown bin', 'traces/v1.dev.c10000.txt', '1000 U9,|,U1,U2,|,\n1300 C2,|,\n', /MALFORMED_TRACE/],
    ['a damaged flavour', 'maps/flav_map.txt', '1;1.75 b\n', /MALFORMED_TRACE/],
    ['a damaged bin', 'maps/v1.interval_map.txt', '0\n', /MALFORMED_TRACE/],
  ])('refuses %s', (_, file, content, error) => {
    expect(() => readAzureWindows(vmFolder({ [file]: content }))).toThrow(error);
  });

  test('a missing folder', () => {
    expect(() => readAzureWindows('/nowhere')).toThrow(/TRACE_NOT_FOUND/);
  });
});

describe('resampledTrace', () => {
  const trace = generatedTrace(1, 2 * 288, 2);

  test('is as long as asked for, in order of arrival, with whole batches, and depends on the seed', () => {
    const window = resampledTrace(trace, 4, 1);
    expect(window.endS).toBe(4 * 86_400);
    expect([...window.arrivalS]).toEqual([...window.arrivalS].sort((a, b) => a - b));
    expect([...window.batch]).toEqual([...window.batch].sort((a, b) => a - b));
    expect(new Set(window.batch).size).toBe(4 * 288 * 2);
    expect(window.arrivalS).toEqual(resampledTrace(trace, 4, 1).arrivalS);
    expect(window.flavour).not.toEqual(resampledTrace(trace, 4, 2).flavour);
  });

  test('keeps the time of day', () => {
    const window = resampledTrace(trace, 1, 3);
    const at = (timeS: number, of: VmTrace): string =>
      [...of.flavour].filter((_, vm) => of.arrivalS[vm] === timeS).join();
    for (let timeS = 0; timeS < 86_400; timeS += 300) {
      expect([at(timeS, trace), at(timeS + 86_400, trace)]).toContain(at(timeS, window));
    }
  });
});

const data = join(import.meta.dirname, '../../../../shared/traces');
const isThere = existsSync(join(data, 'azure-v1-processed'));
if (!isThere) console.info(`the elastic suite is not run: there is no Azure trace in ${data}`);

describe.skipIf(!isThere)('the suite', () => {
  test('smoke: a quarter of a day', { timeout: 120_000 }, () => {
    const steps: SuiteStep[] = [];
    const run = elasticHosts.run({ data, smoke: true });
    let state = run.next();
    for (; state.done !== true; state = run.next()) steps.push(state.value);
    const { measures, checks, plots }: SuiteResult = state.value;
    expect(steps.every(({ share }, i) => share >= (steps[i - 1]?.share ?? 0) && share <= 1)).toBe(true);
    const over = measures.filter(({ metric }) => metric.includes('over the bound'));
    expect(over).toHaveLength(3);
    for (const { value } of over.slice(1)) expect(value).toBeLessThan(over[0].value);
    expect(checks).toEqual([]);
    expect(plots).toHaveLength(1);
    for (const { series } of plots)
      for (const { points } of series) expect(points.length).toBeLessThanOrEqual(300);
  });
});

/**
 * The policies that the elastic suite compares. Without lifetimes a policy knows what is visible in any cluster: shapes,
 * tenants' batches, how long machines have run, and when others have ended. With them it is told the lifetime of every
 * machine when it arrives, exactly or with an error.
 */
import {
  binPacking,
  heavyTailedRunTimes,
  leastExtension,
  meanRemainingS,
  ObservedRunTimes,
  predictedRunTimes,
} from '@stowage/fitness';
import { SeededRandom } from '../../seeded-random.ts';
import type { ElasticPolicy } from './elastic-fleet.ts';
import { type ExitForecast, exactForecast, expectedForecast } from './exit-forecast.ts';
import { batchSizes, STAYS, type VmTrace } from './vm-trace.ts';

/** What a machine that stays to the end of the window is predicted to live for, five days. */
const STAYING_S = 432_000;
const NOISE_SEED = 42;
const MOST_MIGRATIONS = 500;
/** Upper ends of the size classes of batches that lifetimes are observed by. */
const BATCH_CLASSES = [1, 2, 5, 10, 25, 60];

export const FIRST_FIT: ElasticPolicy = { name: 'first fit' };
export const BEST_FIT: ElasticPolicy = { name: 'best fit', fitness: () => binPacking('cpu', 'memory') };
/** Supposes nothing but a heavy tail. */
export const HEAVY_TAIL: ElasticPolicy = {
  name: 'least extension, heavy tail',
  fitness: () => leastExtension(),
  forecast: heavyTailForecast,
};
/** Learns from machines that have ended. */
export const OBSERVED: ElasticPolicy = {
  name: 'least extension, observed run times',
  fitness: () => leastExtension(),
  forecast: observedForecast,
};
export const ORACLE: ElasticPolicy = {
  name: 'least extension, exact lifetimes',
  fitness: () => leastExtension({ forecast: 'exact' }),
  forecast: (trace) => exactForecast(trace.arrivalS, (vm) => lifetimeOf(trace, vm)),
};
/** Machines may be moved, whenever some arrive or leave. */
export const CONSOLIDATED: ElasticPolicy = {
  ...BEST_FIT,
  name: 'best fit, migrations every 5 min',
  consolidation: { everyS: 300, maxMigrations: MOST_MIGRATIONS },
};
export const CONSOLIDATED_HOURLY: ElasticPolicy = {
  ...OBSERVED,
  name: 'least extension, observed run times, migrations every hour',
  consolidation: { everyS: 3_600, maxMigrations: MOST_MIGRATIONS },
};

/** @param sigma - standard deviation of ln(predicted / actual) */
export function predictedPolicy(sigma: number): ElasticPolicy {
  return {
    name: `least extension, lifetimes with error ${sigma}`,
    fitness: () => leastExtension({ forecast: 'predicted' }),
    forecast: (trace) => predictedForecast(trace, sigma),
  };
}

function heavyTailForecast({ arrivalS, batch }: VmTrace): ExitForecast {
  const model = heavyTailedRunTimes();
  const runTimeS = meanRemainingS(model, undefined, 0);
  return expectedForecast({
    model,
    arrivalS,
    taskOf: () => undefined,
    groupOf: (vm) => batch[vm],
    runTimeS: () => runTimeS,
  });
}

function observedForecast(trace: VmTrace): ExitForecast {
  const { arrivalS, batch, flavour } = trace;
  const model = new ObservedRunTimes();
  const sizes = batchSizes(trace);
  const kindOf = (vm: number): string => {
    const size = sizes.get(batch[vm])!;
    return `${flavour[vm]} in ${BATCH_CLASSES.findIndex((most) => size <= most)}`;
  };
  const kinds = Array.from(arrivalS, (_, vm) => kindOf(vm));
  const expected = new Map<string, number>();
  let lastS = 0;
  const ran = (vm: number, nowS: number): void => {
    model.ran(kinds[vm], Math.max(0, lastS - arrivalS[vm]), nowS - arrivalS[vm]);
  };
  return {
    ...expectedForecast({
      model,
      arrivalS,
      taskOf: (vm) => kinds[vm],
      groupOf: (vm) => batch[vm],
      runTimeS: (vm) => {
        const kind = kinds[vm];
        let runS = expected.get(kind);
        if (runS === undefined) expected.set(kind, (runS = meanRemainingS(model, kind, 0)));
        return runS;
      },
    }),
    advance(nowS, running) {
      for (const vm of running) ran(vm, nowS);
      lastS = nowS;
      expected.clear();
    },
    ended(vm, nowS) {
      ran(vm, nowS);
      model.ended(kinds[vm], nowS - arrivalS[vm]);
    },
  };
}

function predictedForecast(trace: VmTrace, sigma: number): ExitForecast {
  const { arrivalS } = trace;
  const random = new SeededRandom(NOISE_SEED);
  const model = predictedRunTimes(sigma);
  const predicted = Array.from(arrivalS, (_, vm) => lifetimeOf(trace, vm) * Math.exp(sigma * normal(random)));
  return expectedForecast({
    model,
    arrivalS,
    taskOf: (vm) => predicted[vm],
    groupOf: (vm) => vm,
    runTimeS: (vm) => meanRemainingS(model, predicted[vm], 0),
  });
}

function lifetimeOf({ lifetimeS }: VmTrace, vm: number): number {
  return lifetimeS[vm] === STAYS ? STAYING_S : lifetimeS[vm];
}

/** A normally distributed number (Box and Muller). */
function normal(random: SeededRandom): number {
  const uniform = (): number => (random.next() + 0.5) / 2 ** 32;
  return Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

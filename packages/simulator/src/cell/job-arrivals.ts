/**
 * When jobs come in: each arrival of a scenario asks for its next job only, so that a day of them costs no more memory
 * than a minute. Times by chance are drawn by thinning: at the rate of the busiest hour, of which others keep a share.
 */
import type { SeededRandom } from '../seeded-random.ts';
import { chanceOf, exponential, unit } from './chance.ts';
import type { CellScenario, JobArrival } from './scenario.ts';
import { CELL_EPOCH_MS } from './scenario.ts';
import type { VirtualClock } from './virtual-clock.ts';

const HOUR_MS = 3_600_000;

/** Lets the jobs of a scenario arrive. */
export function scheduleArrivals(
  { arrivals, durationMs }: CellScenario,
  seed: number,
  clock: VirtualClock,
  submit: (jobId: string, spec: Readonly<Record<string, unknown>>) => void,
): void {
  for (const arrival of arrivals) {
    const times = timesOf(arrival, durationMs, chanceOf(seed, `arrivals ${arrival.name}`));
    const chance = chanceOf(seed, `jobs ${arrival.name}`);
    const isOnly = 'atMs' in arrival.when && arrival.when.count === undefined;
    let n = 0;
    const next = (): void => {
      const { done, value: atMs } = times.next();
      if (done === true) return;
      clock.at(CELL_EPOCH_MS + atMs, () => {
        n++;
        const { spec } = arrival;
        submit(
          isOnly ? arrival.name : `${arrival.name}-${n}`,
          typeof spec === 'function' ? spec(n, chance) : spec,
        );
        next();
      });
    };
    next();
  }
}

/** In ascending order, since the beginning of the scenario. */
function* timesOf(
  { when }: JobArrival,
  durationMs: number,
  random: SeededRandom,
): Generator<number, undefined> {
  if ('atMs' in when) {
    for (let n = 0; n < (when.count ?? 1); n++) yield when.atMs;
    return;
  }
  const { fromMs = 0, toMs = durationMs } = when;
  if ('everyMs' in when) {
    const { everyMs, count = Infinity } = when;
    for (let n = 0; n < count && fromMs + n * everyMs < toMs; n++) yield fromMs + n * everyMs;
    return;
  }
  const { ratePerHour, profile = [1] } = when;
  const most = Math.max(...profile);
  const meanMs = HOUR_MS / (ratePerHour * most);
  for (let atMs = fromMs; ;) {
    atMs += exponential(random, meanMs);
    if (atMs >= toMs) return;
    const factor = profile[Math.floor(atMs / HOUR_MS) % profile.length];
    if (unit(random) * most < factor) yield atMs;
  }
}

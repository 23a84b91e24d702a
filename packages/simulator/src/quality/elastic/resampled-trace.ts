/**
 * Windows that look like a given one: every six hours of the day are those of one of its first days, drawn from a seed
 * (a block bootstrap that keeps the time of day and the tenants' batches whole). Later days are left out, because too
 * little is known about how long their machines live.
 */
import { SeededRandom } from '../../seeded-random.ts';
import { type VmRow, type VmTrace, vmTrace } from './vm-trace.ts';

const BLOCK_S = 21_600;
const DAY_S = 86_400;
const DAYS_DRAWN_FROM = 2;

/**
 * @param days - length of the new window
 */
export function resampledTrace(trace: VmTrace, days: number, seed: number): VmTrace {
  const random = new SeededRandom(seed);
  const rows: VmRow[] = [];
  const firstOf = (timeS: number): number => lowerBound(trace.arrivalS, timeS);
  let batch = -1;
  for (let beginS = 0; beginS < days * DAY_S; beginS += BLOCK_S) {
    const sourceS = random.below(DAYS_DRAWN_FROM) * DAY_S + (beginS % DAY_S);
    let last = -1;
    for (let vm = firstOf(sourceS); vm < firstOf(sourceS + BLOCK_S); vm++) {
      if (trace.batch[vm] !== last) batch++;
      last = trace.batch[vm];
      rows.push({
        arrivalS: trace.arrivalS[vm] - sourceS + beginS,
        lifetimeS: trace.lifetimeS[vm],
        flavour: trace.flavour[vm],
        batch,
      });
    }
  }
  return vmTrace(`${trace.name}, resampled with seed ${seed}`, trace.flavours, rows, days * DAY_S);
}

/** First index whose value is at least the given one. */
function lowerBound(values: Int32Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

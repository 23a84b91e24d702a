/**
 * Chance by name: every use has a source of its own, which follows from the seed and a text. So what one part draws
 * changes nothing for another, and a task draws the same in every cell of the same seed.
 */
import { SeededRandom } from '../seeded-random.ts';
import type { Duration } from './life-cycle-script.ts';

/** A source for one use (32 bits of FNV-1a). */
export function chanceOf(seed: number, name: string): SeededRandom {
  let hash = (0x811c9dc5 ^ seed) | 0;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return new SeededRandom(hash);
}

/** A number between 0 and 1, never one of them. */
export function unit(random: SeededRandom): number {
  return (random.next() + 0.5) / 2 ** 32;
}

/** Exponentially distributed. */
export function exponential(random: SeededRandom, mean: number): number {
  return -Math.log(unit(random)) * mean;
}

/** Whole milliseconds, at least 0. */
export function drawMs(duration: Duration, random: SeededRandom): number {
  if (typeof duration === 'number') return duration;
  const { kind } = duration;
  if (kind === 'uniform')
    return Math.round(duration.fromMs + unit(random) * (duration.toMs - duration.fromMs));
  const drawn =
    kind === 'exponential'
      ? exponential(random, duration.meanMs)
      : duration.medianMs * Math.exp(duration.sigma * normal(random));
  return Math.round(Math.min(drawn, duration.maxMs ?? Infinity));
}

/** By Box and Muller; the second number that the method gives is not used. */
function normal(random: SeededRandom): number {
  const radius = Math.sqrt(-2 * Math.log(unit(random)));
  return radius * Math.cos(2 * Math.PI * unit(random));
}

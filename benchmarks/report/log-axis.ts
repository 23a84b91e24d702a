/**
 * Logarithmic scales of d3 and their grid lines: one at every power of ten, which is all a reader needs to compare.
 */
import { type ScaleLogarithmic, scaleLog } from 'd3-scale';
import { at, label, path } from './svg.ts';

export type LogScale = ScaleLogarithmic<number, number>;

/** Covers the values, from a power of ten to a power of ten. */
export function decades(values: readonly number[], range: readonly [number, number]): LogScale {
  const least = 10 ** Math.floor(Math.log10(Math.min(...values)));
  const most = 10 ** Math.ceil(Math.log10(Math.max(...values)));
  return scaleLog([least, Math.max(most, least * 10)], range);
}

/** Covers just the values, with some room at both ends. */
export function aroundValues(
  values: readonly number[],
  [from, to]: readonly [number, number],
  room: number,
): LogScale {
  const inwards = Math.sign(to - from) * room;
  return scaleLog([Math.min(...values), Math.max(...values)], [from + inwards, to - inwards]);
}

export function powersOfTen(scale: LogScale): number[] {
  return scale.ticks().filter((tick) => Number.isInteger(Math.round(Math.log10(tick) * 1e9) / 1e9));
}

/** Lines from left to right with their values at the left. */
export function horizontalGrid(
  scale: LogScale,
  left: number,
  right: number,
  name: (value: number) => string,
) {
  return powersOfTen(scale).flatMap((tick) => [
    path('grid', `M${at(left)} ${at(scale(tick))}H${at(right)}`),
    label(left - 8, scale(tick) + 4, name(tick), { classes: 'soft', anchor: 'end' }),
  ]);
}

/** Lines from top to bottom with their values below. */
export function verticalGrid(
  scale: LogScale,
  ticks: readonly number[],
  top: number,
  bottom: number,
  name: (value: number) => string,
): string[] {
  return ticks.flatMap((tick) => [
    path('grid', `M${at(scale(tick))} ${at(top)}V${at(bottom)}`),
    label(scale(tick), bottom + 17, name(tick), { classes: 'soft', anchor: 'middle' }),
  ]);
}

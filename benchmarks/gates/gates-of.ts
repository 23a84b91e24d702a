/**
 * Readings and limits brought together: the gates of a case, and whether each holds.
 */
import type { GateFigure } from '../figures.ts';
import { type CaseLimits, GROWTH_SIZES } from './limits.ts';

export interface Gate {
  readonly name: string;
  readonly measured: string;
  /** In words. */
  readonly limit: string;
  readonly holds: boolean;
}

export function gatesOf(limits: CaseLimits, figure: GateFigure): Gate[] {
  const { ratioToScanAtLeast, bytesPerOpBelow, evaluationsPerOpAtMost, growthAtMost } = limits;
  const gates: Gate[] = [
    {
      name: 'assignments',
      measured: figure.sameAssignments ? 'equal' : 'unequal',
      limit: 'equal to those of the scan',
      holds: figure.sameAssignments,
    },
  ];
  const add = (
    name: string,
    value: number | null,
    limit: string,
    holds: (value: number) => boolean,
  ): void => {
    gates.push({ name, measured: String(value), limit, holds: value !== null && holds(value) });
  };
  if (ratioToScanAtLeast !== undefined)
    add(
      'speed relative to the scan',
      figure.ratioToScan,
      `at least ${ratioToScanAtLeast}`,
      (ratio) => ratio >= ratioToScanAtLeast,
    );
  if (bytesPerOpBelow !== undefined)
    add(
      'bytes per operation',
      figure.bytesPerOp,
      `below ${bytesPerOpBelow}`,
      (bytes) => bytes < bytesPerOpBelow,
    );
  if (evaluationsPerOpAtMost !== undefined)
    add(
      'agents looked at per operation',
      figure.evaluationsPerOp,
      `at most ${evaluationsPerOpAtMost}`,
      (count) => count <= evaluationsPerOpAtMost,
    );
  if (growthAtMost !== undefined)
    add(
      `time at ${GROWTH_SIZES[1]} agents by that at ${GROWTH_SIZES[0]}`,
      figure.growth,
      `at most ${growthAtMost}`,
      (growth) => growth <= growthAtMost,
    );
  return gates;
}

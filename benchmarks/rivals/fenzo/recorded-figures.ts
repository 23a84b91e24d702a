/**
 * Figures of Fenzo for machines that cannot run it. Source: our own run of Fenzo's last source state before this
 * bench existed (the "Fenzo study" of the project, part B), on a quiet virtual machine with 2 cores of an AMD EPYC,
 * 24 GiB, Linux 6.18, OpenJDK 17.0.15. Same agents, 1,000 tasks per call, two workers; unit as recorded: milliseconds
 * of one scheduleOnce. A ratio to them compares two machines and two moments: an indication, no measurement.
 */
import { FENZO, FENZO_WITHOUT_EXPIRY } from './fenzo-variants.ts';

export interface RecordedFigure {
  readonly case: string;
  readonly agents: number;
  readonly rival: string;
  /** Of the tasks of a call; here there are 20. */
  readonly shapes: 1 | 20;
  readonly callMs: { readonly median: number; readonly min: number; readonly max: number };
}

export const RECORDED_TASKS = 1000;

const packing = { case: 'packing', rival: FENZO, shapes: 20 } as const;
const spreading = { case: 'spreading', rival: FENZO, shapes: 20 } as const;
const hardZone = { case: 'hard-zone', rival: FENZO, shapes: 1 } as const;
const softZone = { case: 'soft-zone', rival: FENZO, shapes: 1 } as const;

export const RECORDED_FIGURES: readonly RecordedFigure[] = [
  { ...packing, agents: 1000, callMs: { median: 131, min: 96, max: 233 } },
  { ...spreading, agents: 1000, callMs: { median: 204, min: 127, max: 378 } },
  { ...hardZone, agents: 1000, callMs: { median: 209, min: 157, max: 278 } },
  { ...softZone, agents: 1000, callMs: { median: 366, min: 273, max: 525 } },
  { ...packing, agents: 10_000, callMs: { median: 3971, min: 2895, max: 4730 } },
  { ...spreading, agents: 10_000, callMs: { median: 4808, min: 3912, max: 5473 } },
  { ...hardZone, agents: 10_000, callMs: { median: 6308, min: 5502, max: 6308 } },
  { ...softZone, agents: 10_000, callMs: { median: 8997, min: 8958, max: 8997 } },
  {
    case: 'packing',
    rival: FENZO_WITHOUT_EXPIRY,
    shapes: 1,
    agents: 10_000,
    // The slowest call was not recorded; the median stands in for it.
    callMs: { median: 2005.5, min: 1567.1, max: 2005.5 },
  },
];

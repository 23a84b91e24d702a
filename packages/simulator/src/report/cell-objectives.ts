/**
 * The three objectives by which Titus' operators judged it, read from a simulated cell: availability, failures, and how
 * soon tasks start. Start latencies come from the job managers' histogram, so they are off by less than a fifth.
 */
import { type KindOutcomes, latencyPercentileMs } from '@stowage/jobs';
import type { CellRun, Percentiles } from '../cell/cell-run.ts';

/** Of the tasks of one job kind. @public */
export interface KindObjectives {
  readonly starts: number;
  /** Of started tasks, those that ended by a failure, 0 to 1; undefined without starts. */
  readonly crashRate: number | undefined;
  /** From accepted to started; undefined without starts. */
  readonly startMs: Percentiles | undefined;
}

/** @public */
export interface CellObjectives {
  /** Share of the time of desired service tasks that they were started, 0 to 1; undefined when none was desired. */
  readonly availability: number | undefined;
  readonly service: KindObjectives;
  readonly batch: KindObjectives;
}

/** O(buckets). @public */
export function cellObjectives({ outcomes }: Pick<CellRun, 'outcomes'>): CellObjectives {
  return {
    availability: outcomes.availability.share,
    service: ofKind(outcomes.service),
    batch: ofKind(outcomes.batch),
  };
}

function ofKind({ starts, crashRate, startLatency }: KindOutcomes): KindObjectives {
  const at = (share: number): number => latencyPercentileMs(startLatency, share)!;
  const startMs =
    startLatency.count === 0
      ? undefined
      : { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: startLatency.maxMs };
  return { starts, crashRate, startMs };
}

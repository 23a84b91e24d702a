/**
 * The repetitions of a case as the figures that are printed, a line for each rival.
 */
import type { RivalCase } from './cases.ts';
import type { DecisionRule } from './node-rivals.ts';
import {
  agentsUsed,
  placed,
  placementsPerSecond,
  type Repetition,
  sameDecisions,
  type TimeKind,
} from './repetition.ts';
import { ratios, spread, type Spread } from './statistics.ts';

export interface RivalRun {
  readonly name: string;
  readonly rule: DecisionRule;
  readonly repetitions: Repetition[];
}

export interface RivalFigure {
  readonly case: string;
  readonly agents: number;
  readonly rival: string;
  /** `recorded`: not of this run, but of an earlier one on another machine. */
  readonly source: 'measured' | 'recorded';
  readonly repetitions?: number;
  readonly placementsPerSecond: Spread;
  /** By time of processors, over all threads: hardly depends on what else the machine does. */
  readonly perCpuSecond?: Spread;
  /** With booking and completing of the tasks. */
  readonly totalPerSecond?: Spread;
  /** Of 1,000 tasks of a call. */
  readonly placed?: number;
  /** That get at least one of them. */
  readonly agentsUsed?: number;
  /** Share of the tasks that get the agent which the first rival gives them, 0 to 1. */
  readonly sameDecisions?: number;
  /** How many times as many placements per second the first rival has. */
  readonly ratio: Spread;
  /** The same of `perCpuSecond` and `totalPerSecond`. */
  readonly cpuRatio?: Spread;
  readonly totalRatio?: Spread;
}

/** @param runs - ours first, all with equally many repetitions, at least one */
export function figuresOf({ name }: RivalCase, agents: number, runs: readonly RivalRun[]): RivalFigure[] {
  const [ours] = runs;
  const speeds = ({ repetitions }: RivalRun, ns: TimeKind): number[] =>
    repetitions.map((repetition) => placementsPerSecond(repetition, ns));
  return runs.map((run) => ({
    case: name,
    agents,
    rival: run.name,
    source: 'measured',
    repetitions: run.repetitions.length,
    placementsPerSecond: spread(speeds(run, 'placeNs')),
    perCpuSecond: spread(speeds(run, 'cpuNs')),
    totalPerSecond: spread(speeds(run, 'totalNs')),
    placed: placed(run.repetitions[0]),
    agentsUsed: agentsUsed(run.repetitions[0]),
    sameDecisions: sameDecisions(run.repetitions[0], ours.repetitions[0]),
    ratio: ratios(speeds(ours, 'placeNs'), speeds(run, 'placeNs')),
    cpuRatio: ratios(speeds(ours, 'cpuNs'), speeds(run, 'cpuNs')),
    totalRatio: ratios(speeds(ours, 'totalNs'), speeds(run, 'totalNs')),
  }));
}

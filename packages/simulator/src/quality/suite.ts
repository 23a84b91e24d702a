/**
 * What a quality suite is: an experiment with known reference numbers. It runs in steps, so that whoever drives it
 * can show progress and stop, and ends in plain data: measures (figures), checks (figures held to a reference) and
 * plots (what the figures look like), from which text, JSON lines and the report are made.
 */

/** What a suite gets to run with. @public */
export interface SuiteContext {
  /** Folder with the public data, as `docs/quality.md` lists it; empty when none was given. */
  readonly data: string;
  /** Only the few cases that show that everything works; checks that need all cases are left out. */
  readonly smoke: boolean;
}

/** Progress between two steps. @public */
export interface SuiteStep {
  /** From 0 to 1. */
  readonly share: number;
  /** What comes next, such as `default, seed 42, FGD`. */
  readonly next: string;
}

/** One figure. @public */
export interface Measure {
  /** What it was measured on: a workload, a class of instances, a scenario. */
  readonly case: string;
  /** Which policy or method. */
  readonly policy: string;
  /** What was measured, with its unit: `GPU allocation %`, `bins`. */
  readonly metric: string;
  readonly value: number;
  /** Decimals worth printing. */
  readonly decimals: number;
}

/** A figure held to a reference. @public */
export interface Check {
  /** One line, such as `OR3: best fit reproduces the published mean`. */
  readonly name: string;
  /** `golden`: we reproduce what others published; `target`: ours is to be better than that. */
  readonly kind: 'golden' | 'target';
  readonly value: number;
  readonly relation: 'equal' | 'below' | 'above';
  readonly reference: number;
  /** Greatest difference that still counts as equal. Default 0. */
  readonly tolerance?: number;
  readonly decimals: number;
}

/** A line of a plot, or the dots of one policy. @public */
export interface PlotSeries {
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** @public */
export interface Plot {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Names of the places 0, 1, …, drawn as rows with a dot for each series; without them x is a number and the series are lines. */
  readonly categories?: readonly string[];
  readonly series: readonly PlotSeries[];
}

/** @public */
export interface SuiteResult {
  readonly measures: readonly Measure[];
  readonly checks: readonly Check[];
  readonly plots: readonly Plot[];
  /** What a reader should know beside the figures; a sentence each. */
  readonly notes: readonly string[];
}

/** @public */
export interface QualitySuite {
  /** As given on the command line. */
  readonly name: string;
  /** One line for help and headings. */
  readonly summary: string;
  /** Whether it has nothing to run on without the data. */
  readonly needsData: boolean;
  /** @throws StowageError TRACE_NOT_FOUND, MALFORMED_TRACE */
  run(context: SuiteContext): Generator<SuiteStep, SuiteResult>;
}

/** Whether a check's figure stands to its reference as it should. */
export function holds({ value, relation, reference, tolerance = 0 }: Check): boolean {
  if (relation === 'below') return value < reference;
  if (relation === 'above') return value > reference;
  return Math.abs(value - reference) <= tolerance;
}

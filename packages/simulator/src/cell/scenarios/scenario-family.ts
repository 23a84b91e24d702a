/**
 * A built-in scenario: one cell, or several that differ in one thing and are to be compared, in any size.
 */
import type { CellScenario } from '../scenario.ts';

/** @public */
export interface ScenarioFamily {
  /** In kebab case. */
  readonly name: string;
  /** One line. */
  readonly title: string;
  /** What it shows: a paragraph. */
  readonly description: string;
  /**
   * The cells to run, each with a name of its own.
   * @param scale - of agents and tasks, above 0; 1 is what the figures in the docs are for
   */
  readonly runs: (scale: number) => readonly CellScenario[];
}

/** A number of agents or tasks at a scale; at least one. */
export function scaled(count: number, scale: number): number {
  return Math.max(1, Math.round(count * scale));
}

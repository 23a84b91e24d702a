/**
 * What a rival says about one repetition: several calls of the same burst, so that a fast rival is measured about
 * as long as a slow one and meets the noise of the machine in the same way.
 */

export interface Repetition {
  readonly calls: number;
  /** Time of the decisions of all calls. */
  readonly placeNs: number;
  /** The same as time of processors, over all threads of the process. */
  readonly cpuNs: number;
  /** As `placeNs`, with what is needed to book and to complete the tasks. */
  readonly totalNs: number;
  /** Row of the agent of each task, -1 = not placed; the same in every call. */
  readonly rows: readonly number[];
}

/** @throws Error unless the line is that of a repetition */
export function parseRepetition(line: string): Repetition {
  const value = JSON.parse(line) as Partial<Repetition>;
  const { calls, placeNs, cpuNs, totalNs, rows } = value;
  if (![calls, placeNs, cpuNs, totalNs].every((number) => Number(number) > 0) || !Array.isArray(rows))
    throw new Error(`This is no repetition: ${line.slice(0, 200)}`);
  return value as Repetition;
}

export function placed({ rows }: Repetition): number {
  return rows.reduce((sum, row) => sum + (row < 0 ? 0 : 1), 0);
}

export function agentsUsed({ rows }: Repetition): number {
  return new Set(rows.filter((row) => row >= 0)).size;
}

/** Which time counts. */
export type TimeKind = 'placeNs' | 'cpuNs' | 'totalNs';

export function placementsPerSecond(repetition: Repetition, ns: TimeKind): number {
  return (placed(repetition) * repetition.calls * 1e9) / repetition[ns];
}

/** FNV-1a over the rows: depends on every decision. */
export function assignmentHash({ rows }: Repetition): number {
  return rows.reduce((hash, row) => Math.imul(hash ^ row, 0x01000193), 0x811c9dc5) >>> 0;
}

/** Share of the tasks that both give to the same agent, 0 to 1. */
export function sameDecisions(a: Repetition, b: Repetition): number {
  const same = a.rows.reduce((sum, row, i) => sum + (row === b.rows[i] ? 1 : 0), 0);
  return a.rows.length === b.rows.length ? same / a.rows.length : 0;
}

/**
 * Collects how runs compare with the published tables, and prints it as a table of the policies.
 */
import {
  CELL_TOLERANCE,
  type Comparison,
  type ExpectedResults,
  replayPolicy,
  type ReplayRun,
} from '@stowage/simulator';
import { count } from './numbers.ts';
import type { TextStyle } from './text-style.ts';
import { type Alignment, textTable } from './text-table.ts';

interface Tally {
  compared: number;
  agreeing: number;
  largestDifference: number;
  notCompared: number;
  /** Why the first run that was not compared was not. */
  reason: string;
}

const HEADER = ['policy', 'compared', 'agree', 'largest difference', 'not compared', ''];
const ALIGNMENTS: readonly Alignment[] = ['left', 'right', 'right', 'right', 'right', 'left'];

export class ExpectedCheck {
  readonly #expected: ExpectedResults;
  readonly #tallies = new Map<string, Tally>();

  constructor(expected: ExpectedResults) {
    this.#expected = expected;
  }

  /** Whether a deterministic run differs from the published one, or there was none to compare with. */
  get failed(): boolean {
    const tallies = [...this.#tallies];
    const deterministic = tallies.filter(([policy]) => replayPolicy(policy).deterministic);
    const isEmpty = deterministic.length > 0 && deterministic.every(([, { compared }]) => compared === 0);
    return isEmpty || tallies.some(([, { compared, agreeing }]) => agreeing < compared);
  }

  add(run: ReplayRun): void {
    const tally = this.#tallies.get(run.policy) ?? {
      compared: 0,
      agreeing: 0,
      largestDifference: 0,
      notCompared: 0,
      reason: '',
    };
    this.#tallies.set(run.policy, tally);
    record(tally, this.#expected.compare(run));
  }

  /** Ends with a line break. */
  text(style: TextStyle): string {
    const tallies = [...this.#tallies];
    const [header, ...rows] = textTable(
      HEADER,
      tallies.map(([policy, tally]) => cells(policy, tally)),
      ALIGNMENTS,
    );
    const verdicts = rows.map((row, index) => {
      const { agreeing, compared } = tallies[index][1];
      if (agreeing < compared) return style.bad(row);
      return compared > 0 ? style.good(row) : row;
    });
    const title = `Agreement with the published tables, within ${CELL_TOLERANCE} points`;
    return [style.bold(title), '', style.bold(header), ...verdicts, ''].join('\n');
  }
}

function record(tally: Tally, comparison: Comparison): void {
  if (!comparison.compared) {
    tally.notCompared++;
    tally.reason ||= comparison.reason;
    return;
  }
  tally.compared++;
  if (comparison.agrees) tally.agreeing++;
  tally.largestDifference = Math.max(tally.largestDifference, comparison.largestDifference);
}

function cells(policy: string, tally: Tally): string[] {
  const { compared, agreeing, largestDifference, notCompared, reason } = tally;
  return [
    policy,
    count(compared),
    compared === 0 ? '-' : count(agreeing),
    compared === 0 ? '-' : largestDifference.toFixed(3),
    count(notCompared),
    reason,
  ];
}

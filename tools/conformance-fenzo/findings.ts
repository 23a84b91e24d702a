/**
 * What a replay finds: differences, quirks and how much was compared.
 */
import { QUIRKS, type QuirkName } from './quirks.ts';

/** What is compared, each with what equal means. */
export const CHECKS = {
  outcome: 'a task is placed, refused or not tried by both',
  hosts: 'the hosts that are asked at all are the same',
  feasibility: 'the feasible hosts of a placed task are the same, a refused task has none',
  fitness: 'every feasible host has the same fitness, to 1e-9',
  choice: "Fenzo's fitness of our host is the greatest, to 1e-9",
  reasons: 'a refused task is refused by every host for the same constraint or resources, short by as much',
  groups: 'a task is refused for the limit of its group by both',
  slots: 'the slot of a resource set is the same, or both slots are idle',
  ports: 'the ports are the same, where the file says that they are certain',
  evaluations: 'the number of evaluations is the number of open hosts, over all tasks that were tried',
  counts: 'the numbers of idle and of known hosts are the same',
  givenBack: 'the same offers are given back in the same call',
  booking: 'what Fenzo did can be booked in the engine',
} as const;

export type CheckName = keyof typeof CHECKS;

interface Finding {
  readonly scenario: string;
  readonly iteration: number;
  /** Undefined for findings about a whole iteration. */
  readonly task: string | undefined;
  /** What was seen. */
  readonly text: string;
}

export interface Difference extends Finding {
  readonly check: CheckName;
}

export interface QuirkFinding extends Finding {
  readonly quirk: QuirkName;
  /** Why Fenzo answers otherwise. */
  readonly reason: string;
}

/** The findings of one scenario. */
export class Findings {
  readonly scenario: string;
  readonly differences: Difference[] = [];
  readonly quirks: QuirkFinding[] = [];
  /** Placements by Fenzo that were compared. */
  assignments = 0;
  /** Of these, placed on the same host; the others are equally good by Fenzo's numbers or found. */
  sameHost = 0;
  /** Refusals by Fenzo that were compared. */
  failures = 0;
  /** Comparisons made, by check. */
  readonly compared: Record<CheckName, number>;
  /** Where the replay ended early because the engine could not follow. */
  stoppedAt: { readonly iteration: number; readonly task: string | undefined } | undefined;
  /** Where the replay is now. */
  iteration = 0;
  task: string | undefined;

  constructor(scenario: string) {
    this.scenario = scenario;
    this.compared = Object.fromEntries(Object.keys(CHECKS).map((check) => [check, 0])) as Record<
      CheckName,
      number
    >;
  }

  /** Counts a comparison and, unless it came out equal, notes what was seen. */
  compare(check: CheckName, isEqual: boolean, text: () => string): void {
    this.compared[check]++;
    if (!isEqual) this.differs(check, text());
  }

  differs(check: CheckName, text: string): void {
    const { scenario, iteration, task } = this;
    this.differences.push({ scenario, iteration, task, check, text });
  }

  /** Notes a quirk, once for the task at hand. */
  quirk(quirk: QuirkName, text: string): void {
    const { scenario, iteration, task } = this;
    const isKnown = this.quirks.some(
      (one) => task !== undefined && one.task === task && one.iteration === iteration && one.quirk === quirk,
    );
    if (!isKnown) this.quirks.push({ scenario, iteration, task, quirk, reason: QUIRKS[quirk], text });
  }

  /** What Fenzo did cannot be booked: a difference, unless Fenzo counted ports of overlapping offers twice. */
  cannotFollow(text: string): void {
    const { iteration, task } = this;
    const isQuirk = this.quirks.some(
      (one) =>
        one.quirk === 'portRanges' &&
        one.iteration === iteration &&
        (task === undefined || one.task === task),
    );
    if (!isQuirk) this.differs('booking', text);
    this.stoppedAt = { iteration, task };
  }

  /** Puts what was seen down to a quirk, or counts it as a difference when there is none. */
  explain(check: CheckName, quirk: QuirkName | undefined, text: string): void {
    this.compared[check]++;
    if (quirk === undefined) this.differs(check, text);
    else this.quirk(quirk, text);
  }
}

/**
 * Findings as text and as JSON.
 */
import type { CheckName, Findings } from './findings.ts';
import { QUIRKS, type QuirkName } from './quirks.ts';

/** Sums over scenarios. */
export interface Totals {
  readonly scenarios: number;
  readonly assignments: number;
  readonly sameHost: number;
  readonly failures: number;
  readonly differences: number;
  readonly quirks: number;
  /** Scenarios that ended early because the engine could not follow. */
  readonly stopped: number;
  readonly compared: Readonly<Record<string, number>>;
  /** Quirks that occurred, by name. */
  readonly quirksByName: Readonly<Record<string, number>>;
}

export function totalsOf(all: readonly Findings[]): Totals {
  const sum = (count: (one: Findings) => number): number => all.reduce((total, one) => total + count(one), 0);
  const checks = Object.keys(all[0]?.compared ?? {}) as CheckName[];
  const byName = (Object.keys(QUIRKS) as QuirkName[]).map(
    (name) => [name, sum(({ quirks }) => quirks.filter(({ quirk }) => quirk === name).length)] as const,
  );
  return {
    scenarios: all.length,
    assignments: sum(({ assignments }) => assignments),
    sameHost: sum(({ sameHost }) => sameHost),
    failures: sum(({ failures }) => failures),
    differences: sum(({ differences }) => differences.length),
    quirks: sum(({ quirks }) => quirks.length),
    stopped: sum(({ stoppedAt }) => (stoppedAt === undefined ? 0 : 1)),
    compared: Object.fromEntries(checks.map((check) => [check, sum(({ compared }) => compared[check])])),
    quirksByName: Object.fromEntries(byName.filter(([, count]) => count > 0)),
  };
}

/** One line: `scenarios 2, assignments 17, differences 0, quirks 1`. */
export function resultLine({ scenarios, assignments, differences, quirks }: Totals): string {
  return `scenarios ${scenarios}, assignments ${assignments}, differences ${differences}, quirks ${quirks}`;
}

/** Differences, quirks by name, the result. */
export function textReport(all: readonly Findings[], totals: Totals): string {
  const differences = all.flatMap((one) =>
    one.differences.map(
      ({ scenario, iteration, task, check, text }) =>
        `difference: ${scenario}, iteration ${iteration}${task === undefined ? '' : `, task ${task}`}: ${check}: ${text}`,
    ),
  );
  const stopped = all.flatMap(({ scenario, stoppedAt, assignments }) =>
    stoppedAt === undefined
      ? []
      : [
          `stopped: ${scenario}, iteration ${stoppedAt.iteration}, task ${stoppedAt.task ?? '-'}: the engine cannot follow, ${assignments} assignments compared`,
        ],
  );
  const quirks = Object.entries(totals.quirksByName).map(([name, count]) => [
    'quirk',
    name,
    String(count),
    QUIRKS[name as QuirkName],
  ]);
  return [...differences, ...stopped, ...table(quirks), resultLine(totals), ''].join('\n');
}

/** One object per line: the scenarios, then the totals. */
export function jsonReport(all: readonly Findings[], totals: Totals): string {
  const scenarios = all.map(
    ({ scenario, assignments, sameHost, failures, stoppedAt, compared, differences, quirks }) => ({
      scenario,
      assignments,
      sameHost,
      failures,
      ...(stoppedAt === undefined ? {} : { stoppedAt }),
      compared,
      differences,
      quirks,
    }),
  );
  return [...scenarios, { totals }].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Columns padded to the same width; the third is of numbers. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 2 ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}

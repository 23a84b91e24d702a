/**
 * Which actions of a scenario a report draws: what happens at one moment is one line, and actions of a kind that come too
 * often to be told apart are counted instead.
 */
import type { CellMark } from '../cell/cell-run.ts';
import { plural } from './markup.ts';

/** Lines of one kind that a plot bears. */
const MOST_OF_A_KIND = 24;

export interface ShownMark {
  readonly atMs: number;
  readonly label: string;
}

export interface ShownMarks {
  /** By time. */
  readonly marks: readonly ShownMark[];
  /** What is left out, in words. */
  readonly omitted: readonly string[];
}

/** @param marks - of one run or of several of a scenario; those that are alike count once */
export function shownMarks(marks: readonly CellMark[]): ShownMarks {
  const shown: ShownMark[] = [];
  const omitted: string[] = [];
  const distinct = new Map(marks.map((mark) => [`${mark.atMs} ${mark.kind} ${mark.label}`, mark]));
  for (const [kind, own] of groupedBy(distinct.values(), (mark) => mark.kind)) {
    const moments = groupedBy(own, ({ atMs }) => atMs);
    if (moments.size > MOST_OF_A_KIND)
      omitted.push(`${plural(own.length, 'action', 'actions')} of kind ${kind}`);
    else for (const [atMs, at] of moments) shown.push({ atMs, label: labelOf(kind, at) });
  }
  const atOnce = groupedBy(shown, ({ atMs }) => atMs);
  return {
    marks: [...atOnce]
      .map(([atMs, at]) => ({ atMs, label: at.map(({ label }) => label).join('; ') }))
      .sort((a, b) => a.atMs - b.atMs),
    omitted,
  };
}

function labelOf(kind: string, marks: readonly CellMark[]): string {
  return marks.length <= 2 ? marks.map(({ label }) => label).join('; ') : `${marks.length} × ${kind}`;
}

function groupedBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

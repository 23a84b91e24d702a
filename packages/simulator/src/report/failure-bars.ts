/**
 * Why pods were not placed: a group of bars per reason, in it one bar per policy. Bars stand side by side instead
 * of on top of each other because a pod may count under several reasons, so that their sum means nothing.
 */
import { scaleLinear } from 'd3-scale';
import { coordinate, count, escapeText } from './markup.ts';
import type { PolicySummary } from './policy-summary.ts';

/** Reasons beyond these are rare; the raw numbers are in the JSON output. */
const MOST_REASONS = 6;
const WIDTH = 1120;
const LEFT = 130;
const RIGHT = 70;
const BAR = 12;
const PITCH = 16;
const HEADING = 24;
const GROUP_GAP = 14;
const AXIS = 40;

/** The bars as an `<svg>` element, or an empty text when nothing failed; `id` must be unique in the document. */
export function failureBars(
  summaries: readonly PolicySummary[],
  colourOf: (policy: string) => number,
  id: string,
): string {
  const reasons = topReasons(summaries);
  if (reasons.length === 0) return '';
  const highest = Math.max(...summaries.flatMap(({ failures }) => failures.map(({ pods }) => pods)));
  const x = scaleLinear([0, highest], [LEFT, WIDTH - RIGHT]).nice(6);
  const groupHeight = HEADING + summaries.length * PITCH + GROUP_GAP;
  const base = reasons.length * groupHeight;

  const ticks = x.ticks(6).map((value) => {
    const at = coordinate(x(value));
    return (
      `<path class="grid" d="M${at} 4V${base}"/>` +
      `<text class="tick-label" x="${at}" y="${base + 16}" text-anchor="middle">${count(value)}</text>`
    );
  });
  const groups = reasons.map((reason, index) => group(reason, index * groupHeight, summaries, colourOf, x));
  return [
    `<svg class="bars" role="img" viewBox="0 0 ${WIDTH} ${base + AXIS}" aria-labelledby="${id}-title ${id}-desc">`,
    `<title id="${id}-title">Why pods were not placed</title>`,
    `<desc id="${id}-desc">${escapeText(describe(reasons, summaries))}</desc>`,
    ...ticks,
    ...groups,
    `<text class="axis-label" x="${coordinate((LEFT + WIDTH - RIGHT) / 2)}" y="${base + 34}" text-anchor="middle">pods not placed, mean per run</text>`,
    '</svg>',
  ].join('');
}

function topReasons(summaries: readonly PolicySummary[]): string[] {
  const pods = new Map<string, number>();
  for (const { failures } of summaries) {
    for (const failure of failures) {
      pods.set(failure.reason, Math.max(pods.get(failure.reason) ?? 0, failure.pods));
    }
  }
  return [...pods]
    .sort(([reasonA, a], [reasonB, b]) => b - a || (reasonA < reasonB ? -1 : 1))
    .slice(0, MOST_REASONS)
    .map(([reason]) => reason);
}

function podsOf(summary: PolicySummary, reason: string): number {
  return summary.failures.find((failure) => failure.reason === reason)?.pods ?? 0;
}

function group(
  reason: string,
  top: number,
  summaries: readonly PolicySummary[],
  colourOf: (policy: string) => number,
  x: (value: number) => number,
): string {
  const bars = summaries.map((summary, index) => {
    const pods = podsOf(summary, reason);
    const y = top + HEADING + index * PITCH;
    const end = coordinate(x(pods));
    const middle = y + BAR / 2;
    return (
      `<text class="tick-label" x="${LEFT - 8}" y="${middle}" dy="0.35em" text-anchor="end">${escapeText(summary.policy)}</text>` +
      `<path class="bar series-${colourOf(summary.policy)}" d="M${LEFT} ${y}H${end}v${BAR}H${LEFT}z"/>` +
      `<text class="bar-value" x="${end}" dx="5" y="${middle}" dy="0.35em">${count(pods)}</text>`
    );
  });
  return `<text class="reason" x="${LEFT}" y="${top + 15}">${escapeText(reason)}</text>${bars.join('')}`;
}

function describe(reasons: readonly string[], summaries: readonly PolicySummary[]): string {
  return reasons
    .map((reason) => {
      const counts = summaries.map((summary) => `${summary.policy} ${count(podsOf(summary, reason))}`);
      return `${reason}: ${counts.join(', ')}.`;
    })
    .join(' ');
}

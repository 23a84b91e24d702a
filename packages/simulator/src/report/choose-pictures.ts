/**
 * Which clusters the report draws. A picture costs about 250 bytes a node, so their number is bounded: all
 * policies when one workload was replayed and they fit, else the best and the worst of each workload, as far as
 * the budget goes.
 */
import type { ReplayRun } from '../replay/replay-run.ts';
import type { PolicySummary } from './policy-summary.ts';

/** Nodes drawn in all pictures together: 3 MB. */
const MOST_NODES_DRAWN = 12_000;

/** Per section the summaries to draw, in the order of the section. */
export function choosePictures(sections: readonly (readonly PolicySummary[])[]): PolicySummary[][] {
  const drawable = sections.map((section) => section.filter((summary) => picturedRun(summary) !== undefined));
  if (drawable.length === 1 && costOf(drawable[0]) <= MOST_NODES_DRAWN) return drawable;
  let budget = MOST_NODES_DRAWN;
  return drawable.map((section) => {
    const ranked = rankByAllocation(section);
    const extremes = section.filter((summary) => summary === ranked[0] || summary === ranked.at(-1));
    if (costOf(extremes) > budget) return [];
    budget -= costOf(extremes);
    return extremes;
  });
}

/** The run a picture is drawn from: the first that carries nodes. */
export function picturedRun({ runs }: PolicySummary): ReplayRun | undefined {
  return runs.find(({ nodes }) => nodes.length > 0);
}

/** Highest allocation at 130 % arrived first; without that value last. */
export function rankByAllocation(summaries: readonly PolicySummary[]): PolicySummary[] {
  return [...summaries].sort((a, b) => finalAllocation(b) - finalAllocation(a));
}

function finalAllocation({ allocation }: PolicySummary): number {
  const value = allocation.mean[130];
  return value !== undefined && Number.isFinite(value) ? value : -1;
}

function costOf(summaries: readonly PolicySummary[]): number {
  return summaries.reduce((cost, summary) => cost + (picturedRun(summary)?.nodes.length ?? 0), 0);
}

/**
 * The four plots of a workload: allocation and fragmentation, each over the whole replay and from 80 % arrived
 * on, where the policies part.
 */
import { linePlot, type PlotPoint } from './line-plot.ts';
import { escapeText, percent } from './markup.ts';
import type { Curve, PolicySummary } from './policy-summary.ts';

const MEASURES = [
  {
    key: 'allocation',
    name: 'Allocation',
    yLabel: 'GPU capacity allocated, %',
    note: 'Dotted: everything that arrives is placed.',
    ideal: true,
  },
  {
    key: 'fragmentation',
    name: 'Fragmentation',
    yLabel: 'GPU capacity fragmented, %',
    note: 'Free GPU capacity that the typical pods of the workload cannot use.',
    ideal: false,
  },
] as const;

const STARTS = [0, 80] as const;

/** Cards with the plots; `id` prefixes the ids inside. */
export function workloadPlots(
  summaries: readonly PolicySummary[],
  colourOf: (policy: string) => number,
  id: string,
): string[] {
  const band = summaries.some(({ runs }) => runs.length > 1)
    ? ' Lines are means, bands span the lowest and the highest run.'
    : '';
  return MEASURES.flatMap(({ key, name, yLabel, note, ideal }) =>
    STARTS.map((from) => {
      const title = from === 0 ? name : `${name} from ${from} % arrived`;
      const svg = linePlot({
        id: `${id}-${key}-${from}`,
        title,
        description: summaries.map((summary) => finalValues(summary.policy, summary[key].mean)).join(' '),
        xLabel: 'GPU capacity asked for by arrived pods, % of the cluster',
        yLabel,
        range: [from, 130],
        fromZero: from === 0,
        ideal,
        named: true,
        series: summaries.map((summary) => ({
          label: summary.policy,
          colour: colourOf(summary.policy),
          points: pointsOf(summary[key]),
        })),
      });
      return `<div class="card"><h3>${escapeText(title)}</h3><p class="note">${note}${band}</p>${svg}</div>`;
    }),
  );
}

function pointsOf({ mean, low, high }: Curve): PlotPoint[] {
  return mean.map((value, percent) => ({ x: percent, mean: value, low: low[percent], high: high[percent] }));
}

function finalValues(policy: string, mean: readonly number[]): string {
  return `${policy}: ${percent(mean[100])} % at 100 % arrived, ${percent(mean[130])} % at 130 %.`;
}

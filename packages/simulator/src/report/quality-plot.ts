/**
 * A plot of a quality suite as a card: dots where the x axis has places, lines where it has numbers.
 */
import { extent } from './extent.ts';
import { dotPlot } from './dot-plot.ts';
import { linePlot } from './line-plot.ts';
import { escapeText } from './markup.ts';
import { SERIES_COLOURS } from './page-style.ts';
import type { Plot } from '../quality/suite.ts';

/** @param id - unique in the document */
export function qualityPlot(plot: Plot, id: string): string {
  const coloured = plot.series.map((series, index) => ({ ...series, colour: index % SERIES_COLOURS }));
  const svg = plot.categories === undefined ? lines(plot, coloured, id) : dots(plot, coloured, id);
  const legend = coloured.map(
    ({ label, colour }) => `<li><span class="swatch series-${colour}"></span>${escapeText(label)}</li>`,
  );
  return `<div class="card"><h3>${escapeText(plot.title)}</h3><ul class="legend">${legend.join('')}</ul>${svg}</div>`;
}

type ColouredSeries = Plot['series'][number] & { readonly colour: number };

function dots(
  { title, yLabel, categories = [] }: Plot,
  series: readonly ColouredSeries[],
  id: string,
): string {
  return dotPlot({
    id,
    title,
    xLabel: yLabel,
    places: categories,
    series: series.map(({ label, colour, points }) => {
      const byPlace = new Map(points);
      return { label, colour, values: categories.map((_, place) => byPlace.get(place)) };
    }),
  });
}

function lines({ title, xLabel, yLabel }: Plot, series: readonly ColouredSeries[], id: string): string {
  const [from = 0, to = 1] = extent(series.flatMap(({ points }) => points.map(([x]) => x)));
  return linePlot({
    id,
    title,
    description: title,
    xLabel,
    yLabel,
    range: [from, to],
    fromZero: true,
    ideal: false,
    named: false,
    series: series.map(({ label, colour, points }) => ({
      label,
      colour,
      points: points.map(([x, y]) => ({ x, mean: y, low: y, high: y })),
    })),
  });
}

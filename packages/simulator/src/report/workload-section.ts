/**
 * One workload in the report: table, plots, reasons and pictures, each in a card of its own that is understood
 * without the others.
 */
import { picturedRun } from './choose-pictures.ts';
import { clusterPicture, FILL_STEPS, gpuTotals } from './cluster-picture.ts';
import { failureBars } from './failure-bars.ts';
import { count, escapeText } from './markup.ts';
import type { PolicySummary } from './policy-summary.ts';
import { summaryTable } from './summary-tables.ts';
import { workloadPlots } from './workload-plots.ts';

interface WorkloadSection {
  /** Unique in the document; prefix of all ids inside. */
  readonly id: string;
  readonly summaries: readonly PolicySummary[];
  /** Policies whose cluster is drawn. */
  readonly pictured: readonly PolicySummary[];
  readonly colourOf: (policy: string) => number;
}

/** The section as HTML. */
export function workloadSection(section: WorkloadSection): string {
  const { id, summaries, colourOf } = section;
  const seeds = [...new Set(summaries.flatMap(({ runs }) => runs.map(({ seed }) => seed)))];
  const bars = failureBars(summaries, colourOf, `${id}-failures`);
  return [
    `<section id="${id}">`,
    `<h2>Workload ${escapeText(summaries[0].workload)}, ${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}</h2>`,
    `<div class="card scroll">${summaryTable(summaries, colourOf)}</div>`,
    `<div class="plots">${workloadPlots(summaries, colourOf, id).join('')}</div>`,
    bars === ''
      ? ''
      : `<div class="card"><h3>Why pods were not placed</h3><p class="note">Most frequent reasons first.</p><div class="scroll">${bars}</div></div>`,
    section.pictured.length > 0 ? pictures(section) : omittedPictures(section),
    '</section>',
  ].join('');
}

function omittedPictures({ summaries }: WorkloadSection): string {
  return summaries.some((summary) => picturedRun(summary) !== undefined)
    ? '<p class="note">Pictures of the cluster are left out here to keep the file small; replay this workload alone to get them.</p>'
    : '';
}

function pictures({ id, summaries, pictured }: WorkloadSection): string {
  const steps = FILL_STEPS.map(
    ({ name }, step) => `<li><span class="swatch fill-${step}"></span>${name}</li>`,
  ).join('');
  const choice =
    pictured.length < summaries.length
      ? ' Drawn are the policies with the highest and the lowest allocation.'
      : '';
  const cards = pictured.map((summary, index) => {
    const run = picturedRun(summary)!;
    const { full, partial, free } = gpuTotals(run.nodes);
    const text = `seed ${run.seed}: ${count(full)} GPUs full, ${count(partial)} partly used, ${count(free)} free`;
    return (
      `<figure class="card"><figcaption><h3>${escapeText(summary.policy)}</h3><span>${text}</span></figcaption>` +
      `<div class="scroll">${clusterPicture(run, `${id}-cluster-${index}`)}</div></figure>`
    );
  });
  return [
    `<h2>The cluster at the end</h2>`,
    '<p class="note">A column is a node: a cell per GPU, blue where it is used and orange where it is idle, and at its left a grey bar, as high as the share of its CPU in use.',
    ` In each block nodes with most GPUs stand first, among them the fullest; percentages are the share of GPU capacity in use.${choice}`,
    ' Point at a node to read its numbers.</p>',
    `<ul class="legend">${steps}<li><span class="swatch cpu-used"></span>CPU in use</li></ul>`,
    ...cards,
  ].join('');
}

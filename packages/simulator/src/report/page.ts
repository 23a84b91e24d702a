/**
 * The page around a report: one HTML file without scripts, fonts or pictures from elsewhere, so that it can be opened
 * from a folder, mailed and printed. Equal content gives the same bytes.
 */
import { escapeText, plural } from './markup.ts';
import { PAGE_STYLE } from './page-style.ts';

/** Where the figures were made; printed at the foot of the report. @public */
export interface ReportMeta {
  /** The command that was given. */
  readonly command: string;
  readonly cpuModel: string;
  readonly cores: number;
  readonly nodeVersion: string;
  /** As it should be printed. */
  readonly date: string;
}

/** @param body - HTML, one part a line; @param title - plain text */
export function page(title: string, body: readonly string[], meta: ReportMeta): string {
  return [
    '<!DOCTYPE html>',
    '<html lang="en"><head><meta charset="utf-8"/>',
    '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
    `<title>${escapeText(title)}</title>`,
    `<style>${PAGE_STYLE}</style></head><body><main>`,
    ...body,
    footer(meta),
    '</main></body></html>\n',
  ].join('\n');
}

function footer(meta: ReportMeta): string {
  const entries = [
    ['Command', `<code>${escapeText(meta.command)}</code>`],
    ['Machine', `${escapeText(meta.cpuModel)}, ${plural(meta.cores, 'core', 'cores')}`],
    ['Node.js', escapeText(meta.nodeVersion)],
    ['Date', escapeText(meta.date)],
  ];
  return `<footer><dl>${entries.map(([term, text]) => `<dt>${term}</dt><dd>${text}</dd>`).join('')}</dl></footer>`;
}

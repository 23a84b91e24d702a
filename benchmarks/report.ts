/**
 * `npm run bench:report`: turns the output of `npm run bench -- --json` into what the documentation shows: the figures as
 * one JSON document, tables as Markdown, plots as SVG.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { casePanels } from './report/case-panels.ts';
import { figuresOf, type FiguresFile, readFigures } from './report/figures-file.ts';
import { growthPlot } from './report/growth-plot.ts';
import { latencyPlot } from './report/latency-plot.ts';
import { ratioBars } from './report/ratio-bars.ts';
import { markdownTables } from './report/tables.ts';

const HELP = `Usage: npm run bench:report -- <file> [--out <folder>] [--help]

  <file>          what npm run bench -- --json wrote
  --out <folder>  where to write figures.json, tables.md and the plots (default docs/benchmarks)
  --help          show this text
`;

process.exitCode = main();

function main(): number {
  let file: FiguresFile;
  let out: string;
  try {
    const { values, positionals } = parseArgs({
      options: {
        out: { type: 'string', default: join('docs', 'benchmarks') },
        help: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    });
    if (values.help) {
      console.log(HELP);
      return 0;
    }
    if (positionals.length !== 1) throw new Error('Give one file.');
    out = values.out;
    file = readFigures(positionals[0]);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  mkdirSync(out, { recursive: true });
  for (const [name, text] of Object.entries(documentsOf(file))) {
    if (text === undefined) continue;
    writeFileSync(join(out, name), text);
    console.log(join(out, name));
  }
  return 0;
}

/** By file name; undefined where the run has no figures for it. */
function documentsOf(file: FiguresFile): Record<string, string | undefined> {
  const churn = figuresOf(file.figures, 'churn');
  return {
    'figures.json': `${JSON.stringify(file, null, 2)}\n`,
    'tables.md': markdownTables(file),
    'growth.svg': growthPlot(churn),
    'cases.svg': casePanels(churn),
    'ratio-to-scan.svg': ratioBars(churn),
    'latency.svg': latencyPlot(figuresOf(file.figures, 'latency')),
  };
}

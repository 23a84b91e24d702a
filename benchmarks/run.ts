/**
 * `npm run bench`: figures on standard output, progress on standard error.
 */
import { parseArgs } from 'node:util';
import { CHURN_CASES } from './cases.ts';
import { measureChurn } from './churn-bench.ts';
import { machine } from './machine.ts';
import { measureObjectApi } from './object-bench.ts';
import { measureReplay } from './replay-bench.ts';

const HELP = `Usage: npm run bench -- [--only churn|object|replay] [--scale <fraction>] [--json] [--help]

  --only <part>       run one part only
  --scale <fraction>  size of the replay's cluster, 1 = 1,213 nodes (default 1)
  --json              one JSON object a line instead of tables
  --help              show this text

churn   release one task and place one at about 75 % load, row-number API; one operation = both
object  the same through Scheduler: ids, specs, result objects
replay  best-fit replay of the generated GPU cluster by the engine and by the oracle, same assignments demanded
`;

const PARTS = ['churn', 'object', 'replay'] as const;

process.exitCode = await main();

async function main(): Promise<number> {
  let options;
  try {
    options = parseArgs({
      options: {
        only: { type: 'string' },
        scale: { type: 'string', default: '1' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return usage((error as Error).message);
  }
  const { only, json, help } = options;
  const scale = Number(options.scale);
  if (help) {
    console.log(HELP);
    return 0;
  }
  if (only !== undefined && !PARTS.some((part) => part === only)) return usage(`There is no part "${only}".`);
  if (!(scale > 0 && scale <= 1)) return usage('--scale takes a number above 0 and up to 1.');

  const wants = (part: (typeof PARTS)[number]): boolean => only === undefined || only === part;
  const figures: object[] = [];
  const add = (figure: object): void => {
    figures.push(figure);
    if (json) console.log(JSON.stringify(figure));
  };
  if (json) console.log(JSON.stringify({ machine: machine() }));
  if (wants('churn')) {
    for (const churnCase of CHURN_CASES) {
      for (const agents of churnCase.agents) {
        progress(`${churnCase.name}, ${agents} agents`);
        add(await measureChurn(churnCase, agents));
      }
    }
  }
  if (wants('object')) {
    progress('object API');
    add(measureObjectApi(1000, 100));
  }
  let same = true;
  if (wants('replay')) {
    const figure = measureReplay(scale, (done, total) =>
      progress(`oracle replay ${done} of ${total} arrivals`),
    );
    same = figure.sameAssignments;
    add(figure);
  }
  progress('');
  if (!json) printTables(figures);
  return same ? 0 : 1;
}

function printTables(figures: readonly object[]): void {
  const { cpu, cores, node } = machine();
  console.log(`${cpu}, ${cores} cores, Node ${node}`);
  const tables = new Map<string, object[]>();
  for (const figure of figures) {
    const columns = Object.keys(figure).join();
    tables.set(columns, [...(tables.get(columns) ?? []), figure]);
  }
  for (const rows of tables.values()) console.table(rows);
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

function usage(problem: string): number {
  console.error(`${problem}\n\n${HELP}`);
  return 2;
}

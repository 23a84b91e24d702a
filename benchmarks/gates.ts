/**
 * `npm run bench:gates`: holds every case of `gates/limits.ts` to its limits and prints each with what was measured.
 * Takes less than a minute. Exit code: 0, 1 when a gate failed, 2 for wrong options.
 */
import { parseArgs } from 'node:util';
import type { GateFigure } from './figures.ts';
import { gatesOf } from './gates/gates-of.ts';
import { type CaseLimits, GATE_AGENTS, GROWTH_SIZES, LIMITS } from './gates/limits.ts';
import { inChild } from './in-child.ts';

const HELP = `Usage: npm run bench:gates -- [--only <text>] [--help]

  --only <text>  cases whose name holds the text
  --help         show this text
`;

process.exitCode = await main();

async function main(): Promise<number> {
  let options;
  try {
    options = parseArgs({
      options: { only: { type: 'string', default: '' }, help: { type: 'boolean' } },
    }).values;
  } catch (error) {
    return usage((error as Error).message);
  }
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const limits = LIMITS.filter((entry) => entry.case.includes(options.only));
  if (limits.length === 0) return usage(`No case with gates has "${options.only}" in its name.`);
  let failed = 0;
  let passed = 0;
  for (const entry of limits) {
    try {
      for (const { name, measured, limit, holds } of gatesOf(entry, await readingsOf(entry))) {
        console.log(`${holds ? 'ok    ' : 'FAILED'} ${entry.case}: ${name} ${measured}, ${limit}`);
        if (holds) passed++;
        else failed++;
      }
    } catch (error) {
      console.log(`FAILED ${entry.case}: ${(error as Error).message}`);
      failed++;
    }
  }
  console.log(`\n${passed} gates passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function readingsOf(limits: CaseLimits): Promise<GateFigure> {
  const growth = limits.growthAtMost === undefined ? undefined : GROWTH_SIZES;
  const figures = await inChild({ part: 'gate', case: limits.case, agents: GATE_AGENTS, growth });
  return figures[0] as GateFigure;
}

function usage(problem: string): number {
  console.error(`${problem}\n\n${HELP}`);
  return 2;
}

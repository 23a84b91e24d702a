/**
 * The command line of `npm run bench:rivals`.
 */
import { parseArgs } from 'node:util';
import { RIVAL_CASES, type RivalCase } from './cases.ts';

export interface RivalArguments {
  readonly cases: readonly RivalCase[];
  readonly agents: readonly number[];
  /** Undefined = by the number of agents. */
  readonly repetitions: number | undefined;
  readonly json: boolean;
  readonly skipFenzo: boolean;
  readonly help: boolean;
}

/** What is wrong with the command line, for its user. */
export class UsageError extends Error {}

export const HELP = `Usage: npm run bench:rivals -- [options]

  --agents <n>[,<n>]   sizes of the cluster (default 1000,10000)
  --only <case>        run one case only: ${RIVAL_CASES.map(({ name }) => name).join(', ')}
  --repetitions <n>    measurements of each rival (default 5, from 5,000 agents on 3)
  --skip-fenzo         do not run Fenzo; print what was recorded of it instead
  --json               one JSON object a line instead of tables
  --help               show this text

Places 1,000 tasks of 20 shapes on a cluster, exactly, again and again: this engine, Netflix Fenzo (needs java and
mvn), and two ways to write the same in plain TypeScript. About 8 minutes on 2 cores; Fenzo at 10,000 agents takes most.
Exit code: 0 done, 1 decisions differ where they must not or a rival failed, 2 wrong usage.
`;

/** Fewer could not take all tasks, and a full cluster is another question. */
const MIN_AGENTS = 200;
const MAX_AGENTS = 100_000;

/** @throws UsageError */
export function parseArguments(args: readonly string[]): RivalArguments {
  const values = parsed(args);
  const { only, json, help } = values;
  const cases = RIVAL_CASES.filter(({ name }) => only === undefined || name === only);
  if (cases.length === 0) throw new UsageError(`There is no case "${only}".`);
  const agents = values.agents.split(',').map(Number);
  if (!agents.every((n) => Number.isInteger(n) && n >= MIN_AGENTS && n <= MAX_AGENTS))
    throw new UsageError(`--agents takes integers from ${MIN_AGENTS} to ${MAX_AGENTS}, separated by commas.`);
  const repetitions = values.repetitions === undefined ? undefined : Number(values.repetitions);
  if (repetitions !== undefined && !(Number.isInteger(repetitions) && repetitions >= 1 && repetitions <= 100))
    throw new UsageError('--repetitions takes an integer from 1 to 100.');
  return { cases, agents, repetitions, json, skipFenzo: values['skip-fenzo'], help };
}

/** Calls on large clusters take Fenzo seconds each. */
export function defaultRepetitions(agents: number): number {
  return agents < 5000 ? 5 : 3;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        agents: { type: 'string', default: '1000,10000' },
        only: { type: 'string' },
        repetitions: { type: 'string' },
        'skip-fenzo': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

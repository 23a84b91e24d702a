/**
 * The options of `npm run bench`, checked.
 */
import { parseArgs } from 'node:util';
import { PARTS } from './figures.ts';

export interface RunOptions {
  /** A part, or a piece of the name of a case. */
  readonly only: string | undefined;
  /** The greatest cluster. */
  readonly maxAgents: number;
  readonly quick: boolean;
  /** Size of the replay's cluster, 1 = 1,213 nodes. */
  readonly scale: number;
  readonly json: boolean;
  readonly help: boolean;
}

export const HELP = `Usage: npm run bench -- [options]

  --only <text>       one part (${PARTS.join(', ')}), or cases whose name holds the text
  --agents <number>   no cluster larger than this
  --quick             small and short: shows that everything runs and agrees, the times mean little
  --scale <fraction>  size of the replay's cluster, 1 = 1,213 nodes (default 0.1, with --quick 0.05);
                      the oracle's time grows with its third power
  --json              one JSON object a line instead of tables
  --help              show this text

churn    release one task and place one in steady state, row-number API; beside the plain scan of the same engine
latency  single operations: percentiles and the slowest
cold     the first operations of a fresh process, as after a restart
object   the same churn by ids and specs, through the queue, and through the scheduling service
micro    single parts of an operation
replay   best-fit replay of the generated GPU cluster by the engine and by the oracle

Exit code: 0, 1 when a measurement failed or engine and yardstick decided differently, 2 for wrong options.
`;

/** @throws Error that says what is wrong with the options */
export function parseOptions(args: readonly string[]): RunOptions {
  const { only, agents, quick, scale, json, help } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      agents: { type: 'string' },
      quick: { type: 'boolean', default: false },
      scale: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
  const maxAgents = Number(agents ?? (quick ? 1000 : Infinity));
  if (!(maxAgents >= 1)) throw new Error('--agents takes a number of at least 1.');
  const fraction = Number(scale ?? (quick ? 0.05 : 0.1));
  if (!(fraction > 0 && fraction <= 1)) throw new Error('--scale takes a number above 0 and up to 1.');
  return { only, maxAgents, quick, scale: fraction, json, help };
}

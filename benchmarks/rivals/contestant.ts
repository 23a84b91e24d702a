/**
 * Who takes part in a case, and how its process is started. Ours is the first.
 */
import { fileURLToPath } from 'node:url';
import type { RivalCase } from './cases.ts';
import type { FenzoBuild } from './fenzo/fenzo-build.ts';
import { FENZO_VARIANTS } from './fenzo/fenzo-variants.ts';
import type { HarnessCommand } from './harness-process.ts';
import { type DecisionRule, NODE_RIVALS } from './node-rivals.ts';

export interface Contestant {
  readonly name: string;
  /** Contestants with the same rule must decide alike, task by task. */
  readonly rule: DecisionRule;
  /** Calls before the first measurement go on for so long; one call at least. */
  readonly warmUpMs: number;
  readonly command: HarnessCommand;
}

const NODE_WARM_UP_MS = 1000;
const JAVA_WARM_UP_MS = 5000;
/** From this size on a single call of Fenzo is long enough for its compiler. */
const LARGE_CLUSTER = 5000;
/** Beside this program in the bundle, see `start.mjs`. */
const HARNESS = fileURLToPath(new URL('./harness.mjs', import.meta.url));

/** @param fenzo - how to run Fenzo; undefined = without it */
export function contestantsOf(
  { zones, load }: RivalCase,
  agents: number,
  workloadFile: string,
  fenzo: FenzoBuild | undefined,
): Contestant[] {
  const node = NODE_RIVALS.filter(({ onlyBalanced }) => !onlyBalanced || zones === 'balanced').map(
    ({ name, rule }): Contestant => ({
      name,
      rule,
      warmUpMs: NODE_WARM_UP_MS,
      command: {
        program: process.execPath,
        arguments: [...process.execArgv, HARNESS, name, workloadFile],
      },
    }),
  );
  if (fenzo === undefined || load > 0) return node;
  const java = FENZO_VARIANTS.map(({ name, maxOffersToReject }): Contestant => ({
    name,
    rule: zones === 'balanced' ? 'one sum' : 'soft constraints first',
    warmUpMs: agents < LARGE_CLUSTER ? JAVA_WARM_UP_MS : 1,
    command: {
      program: 'java',
      arguments: [...fenzo.javaArguments, workloadFile, String(maxOffersToReject)],
    },
  }));
  return [...node, ...java];
}

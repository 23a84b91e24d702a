/**
 * Why a task could not be placed, in the words of Titus' placement failure kinds, and which of them call for agents.
 * A quota, an address in use or a window of spare cpu is not cured by more agents; a launch guard passes by itself.
 */
import type { Explanation, FailureReason } from '@stowage/core';
import { requireAmount, requireArray, requireObject, requireText } from './checks.ts';

/** Any text may be a kind; these are the ones known here. @public */
export type FailureKind =
  | 'no-active-agents'
  | 'above-capacity-limit'
  | 'too-large-to-fit'
  | 'launch-guard'
  | 'job-hard-constraint'
  | 'waiting-for-in-use-ip'
  | 'opportunistic-resource'
  | 'all-agents-full'
  | 'unrecognized'
  | (string & {});

/** @public */
export interface FailureClassification {
  /**
   * Kinds that never call for agents. Default: `above-capacity-limit` (which Titus lets through),
   * `waiting-for-in-use-ip`, `opportunistic-resource`.
   */
  readonly neverTrigger?: readonly FailureKind[];
  /** Kinds that call for agents only when the task is past its service level objective. Default: `launch-guard`. */
  readonly transient?: readonly FailureKind[];
  /** How long a task may wait, unless it says so itself. Default 300,000. */
  readonly taskSloMs?: number;
}

const CODE = 'INVALID_AUTOSCALE_OPTION';

/** Decides which failed tasks call for agents. */
export class Classifier {
  readonly #never: ReadonlySet<string>;
  readonly #transient: ReadonlySet<string>;
  readonly #taskSloMs: number;

  /** @throws StowageError INVALID_AUTOSCALE_OPTION */
  constructor(classification: FailureClassification = {}) {
    const {
      neverTrigger = ['above-capacity-limit', 'waiting-for-in-use-ip', 'opportunistic-resource'],
      transient = ['launch-guard'],
      taskSloMs = 300_000,
    } = requireObject<FailureClassification>(CODE, 'failures', classification);
    this.#never = kinds('neverTrigger', neverTrigger);
    this.#transient = kinds('transient', transient);
    this.#taskSloMs = requireAmount(CODE, 'taskSloMs', taskSloMs);
  }

  callsForAgents(kind: FailureKind, waitingMs: number, sloMs: number = this.#taskSloMs): boolean {
    return !this.#never.has(kind) && (!this.#transient.has(kind) || waitingMs > sloMs);
  }
}

function kinds(what: string, given: readonly FailureKind[]): ReadonlySet<string> {
  return new Set(
    requireArray<FailureKind>(CODE, what, given).map((kind) => requireText(CODE, `a kind in ${what}`, kind)),
  );
}

/**
 * The kind of a failure that the engine explained. What refuses alone somewhere counts, because only that stands between
 * the task and an agent: first constraints with a kind of their own in the order of `constraintKinds`, then full agents,
 * then other constraints, then opportunistic demands. Not seen here: `above-capacity-limit` (a matter of queues) and `too-large-to-fit`.
 *
 * @param constraintKinds - kinds of system constraints by the constraint's name, such as a launch guard
 * @public
 */
export function classifyFailure(
  { agents, reasons }: Explanation,
  constraintKinds: Readonly<Record<string, FailureKind>> = {},
): FailureKind {
  const draining = reasons.find(({ kind }) => kind === 'draining')?.agents ?? 0;
  if (agents === draining) return 'no-active-agents';
  const alone = reasons.filter(({ soleReason }) => soleReason > 0);
  const named = (name: string): boolean =>
    alone.some((reason) => reason.kind === 'constraint' && reason.name === name);
  const system = Object.keys(constraintKinds).find(named);
  if (system !== undefined) return constraintKinds[system];
  if (alone.some(isFull)) return 'all-agents-full';
  if (alone.some(({ kind }) => kind === 'constraint')) return 'job-hard-constraint';
  if (alone.some(({ kind }) => kind === 'opportunistic')) return 'opportunistic-resource';
  return reasons.some(isFull) ? 'all-agents-full' : 'unrecognized';
}

function isFull({ kind }: FailureReason): boolean {
  return kind === 'resource' || kind === 'slots' || kind === 'claimed' || kind === 'occupied';
}

/**
 * The options of an `OfferPool` with their defaults, and their check.
 */
import type { AgentGates } from '../agents/agent-gates.ts';
import { fail } from '../errors.ts';
import { show } from '../support/show.ts';
import type { DescribeAgent } from './agent-link.ts';
import type { PartIdentity } from './offer.ts';

/** @public */
export interface OfferPoolOptions {
  /** Roles of the framework. It may use what is reserved for them or for their ancestors, besides `*`. Default none. */
  readonly roles?: readonly string[];
  /**
   * Name of the engine's resource that a part of an offer feeds; undefined or a name that the engine lacks = no task
   * can use the part. Several parts may feed one resource; then what is reserved is used first. Must always answer
   * alike. Default `defaultResourceName`: what is not reserved feeds the resource of its own name.
   */
  readonly resourceFor?: (part: PartIdentity) => string | undefined;
  /** Two-level resources and taints of an agent, from its attributes. Default: none. */
  readonly describeAgent?: DescribeAgent;
  /** Offers of agents that these refuse are given back. Default: those of the scheduler. */
  readonly gates?: Pick<AgentGates, 'reasonFor'>;
  /** Age from which on an offer may be given back, at least 0. Default 120 000. */
  readonly maxAgeMs?: number;
  /** Agents whose offers may be given back for age within a window; at least 0, `Infinity` = all. Default 4. */
  readonly maxAgentsPerWindow?: number;
  /** Greater than 0. Default: `maxAgeMs`, or 1 when that is 0. */
  readonly windowMs?: number;
  /**
   * An agent is offered once, as a whole: the first offer stays, later ones are refused, offers do not expire, and
   * what a task used is free again when it is released. Default false.
   */
  readonly singleOffer?: boolean;
  /** How long a rescinded id is remembered, greater than 0. Default 600 000. */
  readonly rescindMemoryMs?: number;
  /** How many rescinded ids are remembered, at least 1; the oldest is forgotten first. Default 10 000. */
  readonly rescindMemorySize?: number;
}

/** The options that are numbers, with defaults. @throws StowageError INVALID_SPEC */
export function numericOptions(
  options: OfferPoolOptions,
): Required<
  Pick<
    OfferPoolOptions,
    'maxAgeMs' | 'maxAgentsPerWindow' | 'windowMs' | 'rescindMemoryMs' | 'rescindMemorySize'
  >
> {
  const { maxAgeMs = 120_000, maxAgentsPerWindow = 4 } = options;
  const { windowMs = maxAgeMs || 1, rescindMemoryMs = 600_000, rescindMemorySize = 10_000 } = options;
  requireAtLeast(0, maxAgeMs, 'maxAgeMs');
  if (maxAgentsPerWindow !== Infinity) requireAtLeast(0, maxAgentsPerWindow, 'maxAgentsPerWindow', true);
  requireAtLeast(Number.MIN_VALUE, windowMs, 'windowMs');
  requireAtLeast(Number.MIN_VALUE, rescindMemoryMs, 'rescindMemoryMs');
  requireAtLeast(1, rescindMemorySize, 'rescindMemorySize', true);
  return { maxAgeMs, maxAgentsPerWindow, windowMs, rescindMemoryMs, rescindMemorySize };
}

function requireAtLeast(least: number, value: number, what: string, isInteger = false): void {
  if (Number.isFinite(value) && value >= least && (!isInteger || Number.isInteger(value))) return;
  const range = least === Number.MIN_VALUE ? 'greater than 0' : `of at least ${least}`;
  fail(
    'INVALID_SPEC',
    `${what} is ${show(value)}; give ${isInteger ? 'an integer' : 'a finite number'} ${range}.`,
  );
}

/**
 * Why a class has no agent: one pass over the present agents, counting every reason that applies. Costs nothing
 * until somebody asks.
 */
import { ABSENT, type AgentTable, DRAINING } from '../agents/agent-table.ts';
import type { BoundClass } from './bound-class.ts';
import type { ResourceSchema } from '../resources/schema.ts';

/**
 * One reason and the agents it applies to. An agent with several reasons counts under each.
 * @public
 */
export interface FailureReason {
  readonly kind: 'draining' | 'claimed' | 'occupied' | 'resource' | 'opportunistic' | 'slots' | 'constraint';
  /** Resource, resource set or constraint name; else the kind. */
  readonly name: string;
  /** Agents that refuse for this reason. */
  readonly agents: number;
  /** Of these, agents that refuse for no other. */
  readonly soleReason: number;
  /** For resources: the least that any of these agents lacks, a decimal. For slots: a number of slots. */
  readonly leastShortfall?: number;
  /** For constraints: the text for one of the agents. */
  readonly example?: string;
}

/** @public */
export interface Explanation {
  /** Agents that were asked: all that are present, or the one in question. */
  readonly agents: number;
  /** Agents that would take the task. */
  readonly feasible: number;
  /** Most frequent first. */
  readonly reasons: readonly FailureReason[];
}

type Draft = { -readonly [K in keyof FailureReason]: FailureReason[K] };

/** @param only - the row to look at; undefined = all. O(agents · (resources + constraints)) */
export function explainFailure(
  bound: BoundClass,
  agents: AgentTable,
  schema: ResourceSchema,
  only: number | undefined,
): Explanation {
  const drafts = new Map<string, Draft>();
  let feasible = 0;
  const end = only === undefined ? agents.rowCount : only + 1;
  for (let row = only ?? 0; row < end; row++) {
    if (agents.state[row] === ABSENT) continue;
    const found: Draft[] = [];
    for (const { kind, name, shortfall, example } of refusalsOf(row, bound, agents, schema)) {
      const key = `${kind} ${name}`;
      let draft = drafts.get(key);
      if (draft === undefined) drafts.set(key, (draft = { kind, name, agents: 0, soleReason: 0 }));
      draft.agents++;
      if (shortfall !== undefined)
        draft.leastShortfall = Math.min(draft.leastShortfall ?? Infinity, shortfall);
      if (example !== undefined) draft.example ??= example;
      found.push(draft);
    }
    if (found.length === 0) feasible++;
    if (found.length === 1) found[0].soleReason++;
  }
  const reasons = [...drafts.values()].sort((a, b) => b.agents - a.agents || (a.name < b.name ? -1 : 1));
  return { agents: only === undefined ? agents.live : 1, feasible, reasons };
}

/**
 * An explanation in one line.
 * @public
 */
export function describe({ agents, feasible, reasons }: Explanation): string {
  if (agents === 0) return 'there are no agents';
  if (feasible > 0) return `${feasible} of ${agents} agents would take the task`;
  const parts = reasons.map(({ kind, name, agents: count, leastShortfall }) => {
    const short = leastShortfall === undefined ? '' : ` (nearest is short of ${leastShortfall})`;
    const reason =
      kind === 'resource'
        ? `lack ${name}`
        : kind === 'opportunistic'
          ? `lack unused ${name}`
          : kind === 'slots'
            ? `lack ${name} slots`
            : kind === 'constraint'
              ? `fail ${name}`
              : `are ${kind}`;
    return `${count} ${reason}${short}`;
  });
  return `none of ${agents} agents is feasible: ${parts.join(', ')}`;
}

interface Refusal {
  readonly kind: FailureReason['kind'];
  readonly name: string;
  readonly shortfall?: number;
  readonly example?: string;
}

function* refusalsOf(
  row: number,
  bound: BoundClass,
  agents: AgentTable,
  schema: ResourceSchema,
): Generator<Refusal> {
  const { taskClass } = bound;
  if (agents.state[row] === DRAINING) yield { kind: 'draining', name: 'draining' };
  if (agents.claims[row] > 0) yield { kind: 'claimed', name: 'claimed' };
  else if (taskClass.claimsAgent && agents.taskCount[row] > 0) yield { kind: 'occupied', name: 'occupied' };
  for (const resource of taskClass.demanded) {
    const { name, unitsPerWhole } = schema.scalars[resource];
    const missing = taskClass.demand[resource] - agents.free[resource][row];
    if (missing > 0) yield { kind: 'resource', name, shortfall: missing / unitsPerWhole };
  }
  for (const resource of taskClass.borrowed) {
    const { name, unitsPerWhole } = schema.scalars[resource];
    const needed = taskClass.demand[resource] + taskClass.opportunistic[resource];
    const missing = needed - agents.free[resource][row] - agents.surplus[resource][row];
    if (missing > 0) yield { kind: 'opportunistic', name, shortfall: missing / unitsPerWhole };
  }
  for (const request of taskClass.slotRequests) {
    const missing = request.slots - agents.slots[request.set].countEligible(row, request);
    if (missing > 0) yield { kind: 'slots', name: schema.sets[request.set].name, shortfall: missing };
  }
  for (const { constraint, reason } of bound.refusals(row))
    yield { kind: 'constraint', name: constraint, example: reason };
}

/**
 * Whether a task that is said to run on an agent fits there, and on which slots: what `adopt` needs to know.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import { fail } from '../errors.ts';
import { MAX_UNITS } from '../resources/quantity.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import { show } from '../support/show.ts';
import type { SlotRequest, SlotTable } from '../slots/slot-table.ts';
import { record } from '../resources/specs.ts';
import type { TaskClass } from './task-class.ts';

/**
 * One mask per slot request of the class: those given, else the tightest slots.
 * @throws StowageError AGENT_FULL, UNKNOWN_RESOURCE, INVALID_SPEC
 */
export function adoptableSlots(
  taskClass: TaskClass,
  row: number,
  given: Readonly<Record<string, number>>,
  agents: AgentTable,
  schema: ResourceSchema,
): Int32Array {
  for (const resource of taskClass.demanded) {
    const missing = taskClass.demand[resource] - agents.free[resource][row];
    if (missing > 0) full(row, `lacks ${missing} units of ${schema.scalars[resource].name}`);
  }
  for (const resource of taskClass.borrowed) {
    if (borrowedAtMost(resource, row, agents) + taskClass.opportunistic[resource] > MAX_UNITS)
      full(row, `lends more ${schema.scalars[resource].name} than can be counted`);
  }
  const wanted = new Map(
    Object.entries(record<Record<string, number>>(given, 'slots')).map(([name, mask]) => [
      schema.set(name).index,
      mask,
    ]),
  );
  const masks = taskClass.slotRequests.map((request) => {
    const slots = agents.slots[request.set];
    const { name } = schema.sets[request.set];
    const mask = wanted.get(request.set);
    wanted.delete(request.set);
    if (mask !== undefined) return requireSlots(slots, row, mask, request, name);
    if (!slots.fits(row, request)) full(row, `has no ${name} slots for it`);
    return slots.choose(row, request, undefined, '');
  });
  for (const set of wanted.keys()) {
    fail(
      'AGENT_FULL',
      `the task holds ${schema.sets[set].name} slots that it does not ask for; leave them out.`,
    );
  }
  return Int32Array.from(masks);
}

/** Units that opportunistic tasks may have booked, or more: what is reserved counts as well. */
function borrowedAtMost(resource: number, row: number, { total, free, surplus, lent }: AgentTable): number {
  return total[resource][row] - free[resource][row] + lent[resource][row] - surplus[resource][row];
}

function requireSlots(
  slots: SlotTable,
  row: number,
  mask: number,
  request: SlotRequest,
  name: string,
): number {
  const isMask = Number.isInteger(mask) && mask >= -(2 ** 31) && mask < 2 ** 32;
  const eligible = isMask ? slots.eligibleAmong(row, mask, request) : -1;
  if (eligible === request.slots) return mask;
  return full(row, `cannot give it the ${name} slots of the mask ${show(mask)}`);
}

function full(row: number, problem: string): never {
  return fail(
    'AGENT_FULL',
    `agent ${row} ${problem}; update the agent, or release what is not there any more.`,
  );
}

/**
 * What a hand-over will do, checked in full before it does anything: the tasks are where they are said to be, none
 * was handed over before, none of an agent is missing, and the values asked for are free and claimed.
 */
import { fail } from '../errors.ts';
import type { Placement } from '../schedule-result.ts';
import type { Scheduler } from '../scheduler.ts';
import { show } from '../support/show.ts';
import type { AgentLink } from './agent-link.ts';
import type { AgentOffers } from './agent-offers.ts';
import { type NamedValues, namedValues } from './named-values.ts';
import type { OfferedValues } from './offer.ts';
import type { OfferBook } from './offer-book.ts';
import { failOffer } from './offer-errors.ts';

interface NewTask {
  readonly task: string;
  readonly demand: Int32Array;
  readonly values: readonly NamedValues[];
}

/** New tasks by agent, in the order of the placements. */
export type HandOverPlan = ReadonlyMap<AgentOffers, readonly NewTask[]>;

export type NewPlacement = Pick<Placement, 'task' | 'agent'>;

/**
 * @returns a plan whose values are claimed; agents without books are left out
 * @throws StowageError INVALID_SPEC, UNKNOWN_TASK, ALREADY_HANDED_OVER, INCOMPLETE_HAND_OVER, UNAVAILABLE_VALUES,
 * INVALID_OFFER; then nothing is claimed
 */
export function planHandOver(
  scheduler: Scheduler,
  book: OfferBook,
  link: AgentLink,
  placements: readonly NewPlacement[],
  values: Readonly<Record<string, OfferedValues>>,
): HandOverPlan {
  const given: unknown = placements;
  if (!Array.isArray(given)) fail('INVALID_SPEC', `the placements are ${show(given)}; give a list.`);
  const plan = new Map<AgentOffers, NewTask[]>();
  const seen = new Set<string>();
  for (const placement of placements) {
    const { task, agent: agentId } = placement;
    if (scheduler.agentOf(task) !== agentId) {
      fail(
        'UNKNOWN_TASK',
        `task ${show(task)} is not on agent ${show(agentId)}; leave out what was released.`,
      );
    }
    const agent = book.find(agentId);
    if (agent === undefined) continue;
    if (seen.has(task) || agent.tasks.has(task))
      failOffer(
        'ALREADY_HANDED_OVER',
        `task "${task}" was handed over before or is given twice; leave it out.`,
      );
    seen.add(task);
    const ofTask = namedValues(Object.hasOwn(values, task) ? values[task] : {}, `values of task "${task}"`);
    const entry: NewTask = { task, demand: link.demandOf(task), values: ofTask };
    const tasks = plan.get(agent);
    if (tasks === undefined) plan.set(agent, [entry]);
    else tasks.push(entry);
  }
  for (const task of Object.keys(values)) {
    if (!seen.has(task))
      fail(
        'UNKNOWN_TASK',
        `values are asked for task ${show(task)}, which is not handed over; leave them out.`,
      );
  }
  for (const [agent, tasks] of plan) requireComplete(agent, tasks, link);
  claimAll(plan);
  return plan;
}

/** What was left out could not be launched: the offers behind it leave with the others. */
function requireComplete(agent: AgentOffers, tasks: readonly NewTask[], link: AgentLink): void {
  const isMissing = link
    .usage(agent.agent)
    .some((units, r) => units > tasks.reduce((sum, { demand }) => sum + demand[r], agent.inUse[r]));
  if (!isMissing) return;
  const given = new Set(tasks.map(({ task }) => task));
  const missing = link.newTasks(agent).filter((task) => !given.has(task));
  failOffer(
    'INCOMPLETE_HAND_OVER',
    `agent "${agent.agent}" has the new tasks ${show(missing)} too; hand them over as well, or release them first.`,
  );
}

function claimAll(plan: HandOverPlan): void {
  const claimed: [AgentOffers, string][] = [];
  try {
    for (const [agent, tasks] of plan) {
      for (const { task, demand, values } of tasks) {
        if (values.length === 0) continue;
        claimed.push([agent, task]);
        agent.claim(task, demand, values);
      }
    }
  } catch (error) {
    for (const [agent, task] of claimed) agent.release(task);
    throw error;
  }
}

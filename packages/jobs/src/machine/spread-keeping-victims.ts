/**
 * Victims of a scale-down so that what stays is spread as well as can be: always from the agent that holds most tasks of
 * the job, of those from the zone that holds most. The order of Titus' ScaleDownEvaluator.
 *
 * Agents are taken level by level: of all that hold L tasks each loses one and then holds L − 1. So nothing is searched
 * for anew after each victim.
 */
import { grouped } from '../grouped.ts';
import type { TaskRecord } from '../model/task-record.ts';
import type { VictimOrder } from './victim-order.ts';
import { byAge, byAgent, progress } from './victim-groups.ts';

interface Agent {
  readonly zone: string | undefined;
  /** Tasks of the job on it that stay so far. */
  left: number;
  /** By progress, the oldest last. */
  readonly tasks: readonly TaskRecord[][];
}

/**
 * Tasks without a place first, then those on their way, then started ones; of each from the agent with most tasks of the
 * job, ties from the zone with most, ties the oldest task. O(n log n + n · zones).
 * @public
 */
export function spreadKeepingVictims(): VictimOrder {
  return (live, count) => {
    const agents = byAgent([...live].sort((a, b) => byAge(b, a))).map(agentOf);
    const zones = new Map<string | undefined, number>();
    for (const { zone, left } of agents) zones.set(zone, (zones.get(zone) ?? 0) + left);
    const victims: TaskRecord[] = [];
    for (const stage of [0, 1, 2]) takeFrom(agents, stage, zones, victims, count);
    return victims;
  };
}

function agentOf(tasks: readonly TaskRecord[]): Agent {
  const stages = [0, 1, 2].map((stage) => tasks.filter((task) => progress(task) === stage));
  return { zone: tasks[0].placement?.zone, left: tasks.length, tasks: stages };
}

function takeFrom(
  agents: readonly Agent[],
  stage: number,
  zones: Map<string | undefined, number>,
  victims: TaskRecord[],
  count: number,
): void {
  const levels: Agent[][] = [];
  const enlist = (agent: Agent): void => {
    if (agent.tasks[stage].length > 0) (levels[agent.left] ??= []).push(agent);
  };
  agents.forEach(enlist);
  for (let level = levels.length - 1; level > 0; level--) {
    const lists = grouped(levels[level] ?? [], ({ zone }) => zone);
    for (const list of lists.values()) list.sort((a, b) => byAge(next(b, stage), next(a, stage)));
    while (victims.length < count && lists.size > 0) {
      const [zone, list] = fullest(lists, zones, stage);
      const agent = list.pop()!;
      if (list.length === 0) lists.delete(zone);
      victims.push(agent.tasks[stage].pop()!);
      agent.left--;
      zones.set(zone, zones.get(zone)! - 1);
      enlist(agent);
    }
  }
}

function fullest(
  lists: ReadonlyMap<string | undefined, Agent[]>,
  zones: ReadonlyMap<string | undefined, number>,
  stage: number,
): readonly [string | undefined, Agent[]] {
  return [...lists].reduce((best, one) => {
    const difference = zones.get(one[0])! - zones.get(best[0])!;
    const isBetter =
      difference > 0 ||
      (difference === 0 && byAge(next(one[1].at(-1)!, stage), next(best[1].at(-1)!, stage)) < 0);
    return isBetter ? one : best;
  });
}

/** Who of the agent goes next. */
function next(agent: Agent, stage: number): TaskRecord {
  return agent.tasks[stage].at(-1)!;
}

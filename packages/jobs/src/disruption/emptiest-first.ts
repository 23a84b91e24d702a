/**
 * In which order agents are served: always the one on which the fewest of the tasks that should leave would be left, at
 * best none; then by agent id. It is the descheduler's order of Titus, whose fitness is 1 − left / 64; the greatest
 * fitness is the least left, so no number of tasks per agent has to be assumed.
 *
 * Budgets only shrink while a plan is made, so what would be left on an agent only grows, and buckets by number left, gone
 * through once, give the same order as looking at all agents each time.
 */
import type { JobState } from '../model/job-state.ts';
import type { PlanBudget } from './plan-budget.ts';
import type { PendingRelocation } from './relocation-need.ts';

/** A need whose task is there. */
export interface Move {
  readonly relocation: PendingRelocation;
  readonly state: JobState;
  /** May be evicted as soon as the budgets allow. */
  readonly isDue: boolean;
}

/**
 * Evictions of due moves, in the order in which they are to be made; spends the budget for them.
 * O(moves · log), and again what is re-ranked: at most moves² of one agent.
 * @param moves - all of some agents, in the order in which they go within their agent
 * @param isWanted - whether a due one is to be served now; the others only count as left
 */
export function serveEmptiestFirst(
  moves: readonly Move[],
  budget: PlanBudget,
  isWanted: (move: Move) => boolean,
): Move[] {
  const served: Move[] = [];
  const buckets: Agent[][] = [];
  const put = (agent: Agent, left: number): void => {
    (buckets[left] ??= []).push(agent);
  };
  for (const agent of agentsOf(moves, isWanted)) {
    put(agent, agent.count - budget.affordable(agent.wanted).length);
  }
  for (let left = 0; left < buckets.length; left++) {
    for (const agent of (buckets[left] ?? []).sort((a, b) => byText(a.id, b.id))) {
      const affordable = budget.affordable(agent.wanted);
      if (agent.count - affordable.length > left) {
        put(agent, agent.count - affordable.length);
      } else {
        budget.spend(affordable);
        served.push(...affordable);
      }
    }
  }
  return served;
}

/** Order of code units: the same everywhere. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface Agent {
  readonly id: string;
  /** Moves in all. */
  count: number;
  readonly wanted: Move[];
}

function agentsOf(moves: readonly Move[], isWanted: (move: Move) => boolean): Iterable<Agent> {
  const agents = new Map<string, Agent>();
  for (const move of moves) {
    const id = move.relocation.agentId;
    let agent = agents.get(id);
    if (agent === undefined) agents.set(id, (agent = { id, count: 0, wanted: [] }));
    agent.count++;
    if (move.isDue && isWanted(move)) agent.wanted.push(move);
  }
  return agents.values();
}

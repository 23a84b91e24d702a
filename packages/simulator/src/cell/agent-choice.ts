/**
 * Which agents an action is about: those that fit, in order of id, of which chance takes a number or a share.
 */
import type { SeededRandom } from '../seeded-random.ts';
import { glob } from './glob.ts';
import type { AgentChoice } from './scenario.ts';
import type { SimulatedAgent } from './simulated-agent.ts';

/** Lost ones never fit. */
export function chosenAgents(
  agents: Iterable<SimulatedAgent>,
  { pool, zone, id = '*', count, share = 1 }: AgentChoice,
  random: SeededRandom,
): SimulatedAgent[] {
  const fits = glob(id);
  const fitting = [...agents].filter(
    (agent) =>
      !agent.isLost &&
      fits(agent.id) &&
      (pool === undefined || agent.pool.name === pool) &&
      (zone === undefined || agent.zone === zone),
  );
  const wanted = count ?? Math.round(share * fitting.length);
  return wanted >= fitting.length ? fitting : random.shuffled(fitting).slice(0, wanted);
}

/**
 * What operators and accidents do to a cell, action by action.
 */
import type { Capacity, JobSpec } from '@stowage/jobs';
import { chosenAgents } from './agent-choice.ts';
import type { AgentPools } from './agent-pools.ts';
import type { AgentFleet } from './agent-fleet.ts';
import type { CellMark } from './cell-run.ts';
import { glob } from './glob.ts';
import type { Master } from './master.ts';
import { PoolReplacement } from './pool-replacement.ts';
import type { PoolScaling } from './pool-scaling.ts';
import type { CellAction, CellPool, PlacementPolicy } from './scenario.ts';
import type { SeededRandom } from '../seeded-random.ts';

/** What actions act on. */
export interface ActionWorld {
  readonly agentPools: AgentPools;
  readonly fleet: AgentFleet;
  readonly pools: readonly CellPool[];
  readonly scaling: PoolScaling;
  readonly replacements: PoolReplacement[];
  readonly chance: SeededRandom;
  readonly lossDetectionMs: number;
  /** Calls with the master, now or when there is one again. */
  withMaster(action: (master: Master) => void): void;
  usePlacement(policy: PlacementPolicy): void;
  restartMaster(downMs: number): void;
}

export function carryOutAction(world: ActionWorld, action: CellAction): void {
  const { agentPools, fleet, chance } = world;
  switch (action.kind) {
    case 'lose-agents':
      for (const agent of chosenAgents(fleet.agents.values(), action.agents, chance))
        agentPools.lose(agent, world.lossDetectionMs);
      break;
    case 'drain-agents':
      for (const agent of chosenAgents(fleet.agents.values(), action.agents, chance)) agentPools.drain(agent);
      break;
    case 'replace-pool': {
      const pool = world.pools.find(({ name }) => name === action.pool)!;
      const { shape = pool.shape, batch } = action;
      agentPools.changeShape(pool, shape);
      world.scaling.changeShape(pool, shape);
      world.replacements.push(new PoolReplacement(agentPools, fleet.agents.values(), pool, batch));
      break;
    }
    case 'switch-placement':
      world.usePlacement(action.placement);
      break;
    case 'update-capacity':
      world.withMaster((master) => updateCapacity(master, action.job, action.capacity));
      break;
    case 'kill-job':
      world.withMaster((master) => {
        for (const [jobId] of jobsLike(master, action.job)) master.handle(jobId, { kind: 'kill-job' });
      });
      break;
    case 'restart-master':
      world.restartMaster(action.downMs ?? 0);
      break;
    case 'note':
      break;
  }
}

/** The action in words. */
export function markOf(action: CellAction): CellMark {
  return { atMs: action.atMs, kind: action.kind, label: action.label ?? inWords(action) };
}

function inWords(action: CellAction): string {
  switch (action.kind) {
    case 'lose-agents':
      return 'agents are lost';
    case 'drain-agents':
      return 'agents are drained';
    case 'replace-pool':
      return `pool ${action.pool} is replaced, ${action.batch} agents at a time`;
    case 'switch-placement':
      return `placement: ${action.placement}`;
    case 'update-capacity':
      return `capacity of ${action.job} is changed`;
    case 'kill-job':
      return `${action.job} is killed`;
    case 'restart-master':
      return 'the master is restarted';
    case 'note':
      return action.label;
  }
}

function updateCapacity(
  master: Master,
  job: string,
  capacity: Partial<Capacity> | { readonly factor: number },
): void {
  for (const [jobId, spec] of jobsLike(master, job)) {
    if (spec.kind !== 'service') continue;
    const wanted = 'factor' in capacity ? scaled(spec.capacity, capacity.factor) : capacity;
    master.handle(jobId, { kind: 'update-capacity', capacity: wanted });
  }
}

/** The bounds give way where they must. */
function scaled({ min, desired, max }: Capacity, factor: number): Capacity {
  const wanted = Math.ceil(desired * factor);
  return { min: Math.min(min, wanted), desired: wanted, max: Math.max(max, wanted) };
}

/** A list, since what is done to jobs changes them. */
function jobsLike(master: Master, pattern: string): [id: string, spec: JobSpec][] {
  const fits = glob(pattern);
  return [...master.manager.jobs()].flatMap(({ job }) => (fits(job.id) ? [[job.id, job.spec]] : []));
}

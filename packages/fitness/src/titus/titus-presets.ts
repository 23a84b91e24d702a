/**
 * The weighted fitness calculators of Titus (TitusFitnessCalculator) with their published weights. Exchanging the
 * engine's default at run time (`useFitness`) is the switch from spreading to packing that Netflix made during regional
 * failovers.
 *
 * They read the task labels `job`, `jobType`, `image` and `securityGroup`, the agent attributes `phase` and
 * `preferNoPlacement`, the signal `quality` and the cached kinds `image` and `securityGroup`. For other names, build the
 * sum with `weightedAverage`.
 */
import type { FitnessCalculator } from '@stowage/core';
import { agentManagementFitness } from './agent-management-fitness.ts';
import { cachedImage, cachedSecurityGroup } from './cached-item.ts';
import { cpuMemBinPacker } from '../fenzo/fenzo-presets.ts';
import { jobTypeCoLocation } from './job-type-co-location.ts';
import { imageSpreading, jobSpreading, securityGroupSpreading } from './label-spreading.ts';
import { titusSlots } from './titus-slots.ts';
import type { WeightedPart } from '../combinations/weighted.ts';
import { weightedAverage } from '../combinations/weighted-average.ts';

/**
 * Service jobs of the critical tier in normal hours: job spreading .05, job type .05, image spreading .1, security group
 * spreading .3, agent management .5. O(1) per agent.
 * @public
 */
export function titusCriticalServiceSpreading(): FitnessCalculator {
  return preset('Titus: critical service spreading', [
    { fitness: jobSpreading(), weight: 0.05 },
    { fitness: jobTypeCoLocation(), weight: 0.05 },
    { fitness: imageSpreading(), weight: 0.1 },
    { fitness: securityGroupSpreading(), weight: 0.3 },
    { fitness: agentManagementFitness(), weight: 0.5 },
  ]);
}

/**
 * The same jobs during a failover: job type .05, CPU and memory packing .1, cached image .15, cached security group .2,
 * agent management .5. O(1) per agent.
 * @public
 */
export function titusFailoverPacking(): FitnessCalculator {
  return preset('Titus: failover packing', [
    { fitness: jobTypeCoLocation(), weight: 0.05 },
    { fitness: cpuMemBinPacker(), weight: 0.1 },
    { fitness: cachedImage(), weight: 0.15 },
    { fitness: cachedSecurityGroup(), weight: 0.2 },
    { fitness: agentManagementFitness(), weight: 0.5 },
  ]);
}

/**
 * All other jobs: CPU and memory packing .1, job type .1, cached image .15, cached security group .15, agent management
 * .5. O(1) per agent.
 * @public
 */
export function titusDefault(): FitnessCalculator {
  return preset('Titus: default', [
    { fitness: cpuMemBinPacker(), weight: 0.1 },
    { fitness: jobTypeCoLocation(), weight: 0.1 },
    { fitness: cachedImage(), weight: 0.15 },
    { fitness: cachedSecurityGroup(), weight: 0.15 },
    { fitness: agentManagementFitness(), weight: 0.5 },
  ]);
}

/** @public */
export interface TitusFitnessOptions {
  /** Whether service jobs of the critical tier are spread; false packs them, as during a failover. Default true. */
  readonly criticalServiceSpreading?: boolean;
}

/**
 * What Titus asks for every task: for those with the labels `tier: critical` and `jobType: service`
 * `titusCriticalServiceSpreading`, or `titusFailoverPacking` when told to pack; `titusDefault` for all others. One
 * default for the whole engine, to be exchanged by `useFitness`.
 * @public
 */
export function titusFitness({
  criticalServiceSpreading = true,
}: TitusFitnessOptions = {}): FitnessCalculator {
  const critical = criticalServiceSpreading ? titusCriticalServiceSpreading() : titusFailoverPacking();
  const other = titusDefault();
  const name = `Titus: critical services ${criticalServiceSpreading ? 'spread' : 'packed'}`;
  return {
    ...other,
    name,
    key: JSON.stringify([name]),
    bind: (cluster, task) =>
      (task.label('tier') === 'critical' && task.label('jobType') === 'service' ? critical : other).bind(
        cluster,
        task,
      ),
  };
}

function preset(name: string, parts: readonly WeightedPart[]): FitnessCalculator {
  return { ...weightedAverage(parts), name, key: JSON.stringify([name]), slotFitness: titusSlots() };
}

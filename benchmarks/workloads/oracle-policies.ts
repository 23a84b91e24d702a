/**
 * The policies of a workload as the oracle gets them: plain functions of a task, an agent and the whole cluster, by
 * exact fractions, that share no code with those of the engine.
 */
import {
  placementsOn,
  referenceAttributeEquals,
  referenceBalancedSoft,
  referenceBinPacking,
  type ReferenceConstraint,
  type ReferenceFitness,
  referenceSpreading,
  referenceUniqueHost,
  usedUnits,
} from '@stowage/testing';
import { rankedResources } from './policies.ts';
import type { Workload } from './workload.ts';

export function referenceFitnessOf(workload: Workload): ReferenceFitness {
  switch (workload.fitness) {
    case 'packing':
      return referenceBinPacking(...rankedResources(workload));
    case 'spreading':
      return referenceSpreading(...rankedResources(workload));
    case 'most-tasks':
      return (_task, agent, cluster) => BigInt(placementsOn(cluster, agent).length);
    case 'fewest-free-cores':
      return (_task, agent, cluster) => BigInt(usedUnits(cluster, agent, 'cpu') - agent.totals['cpu']);
  }
}

export function referenceConstraintsOf({ constraint, zones }: Workload, job: number): ReferenceConstraint[] {
  switch (constraint) {
    case 'none':
      return [];
    case 'unique-host':
      return [referenceUniqueHost()];
    case 'own-zone':
      return [referenceAttributeEquals('zone', `zone-${job % zones}`)];
  }
}

export function referenceSoftConstraintsOf({ soft }: Workload): ReferenceFitness[] {
  return soft === 'zone-balance' ? [referenceBalancedSoft('zone')] : [];
}

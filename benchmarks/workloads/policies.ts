/**
 * The policies of a workload, as the engine gets them: declared, so that it can choose its structure, or stripped
 * of every declaration, so that it has to scan. Both give the same answers, which is what makes the scan a yardstick
 * for speed and a check of exactness at once.
 */
import { attributeEquals, balancedSoft, uniqueHost } from '@stowage/constraints';
import {
  type AgentView,
  fitness,
  type FitnessCalculator,
  type HardConstraint,
  type SoftConstraint,
} from '@stowage/core';
import { binPacking, spreading } from '@stowage/fitness';
import { scanOnlyConstraint, scanOnlyFitness } from '@stowage/testing';
import type { Workload } from './workload.ts';

export type PolicyForm = 'declared' | 'scan';

export interface WorkloadPolicies {
  readonly fitness: FitnessCalculator;
  readonly constraintsOf: (job: number) => readonly HardConstraint[];
  readonly softConstraints: readonly SoftConstraint[];
}

export function policiesOf(workload: Workload, form: PolicyForm): WorkloadPolicies {
  const isScan = form === 'scan';
  const declared = fitnessOf(workload);
  const soft = workload.soft === 'zone-balance' ? [balancedSoft('zone')] : [];
  return {
    fitness: isScan ? scanOnlyFitness(declared) : declared,
    constraintsOf: (job) => {
      const constraints = hardConstraints(workload, job);
      return isScan ? constraints.map(scanOnlyConstraint) : constraints;
    },
    softConstraints: isScan ? soft.map(scanOnlySoft) : soft,
  };
}

/** The names of the resources that tasks ask for, which are also those that packing and spreading rank by. */
export function rankedResources({ resources }: Workload): string[] {
  return ['cpu', 'memory', 'disk', 'network'].slice(0, resources);
}

function fitnessOf(workload: Workload): FitnessCalculator {
  const dependsOn = workload.callback === 'declared' ? 'agent' : 'anything';
  switch (workload.fitness) {
    case 'packing':
      return binPacking(...rankedResources(workload));
    case 'spreading':
      return spreading(...rankedResources(workload));
    case 'most-tasks':
      return fitness('most tasks', (_task, agent: AgentView) => agent.taskCount, dependsOn);
    case 'fewest-free-cores':
      return fitness('fewest free cores', (_task, agent: AgentView) => -agent.free('cpu'), dependsOn);
  }
}

function hardConstraints({ constraint, zones }: Workload, job: number): readonly HardConstraint[] {
  switch (constraint) {
    case 'none':
      return [];
    case 'unique-host':
      return [uniqueHost()];
    case 'own-zone':
      return [attributeEquals('zone', `zone-${job % zones}`)];
  }
}

function scanOnlySoft({ name, range, bind }: SoftConstraint): SoftConstraint {
  return { name, range, dependsOn: 'anything', bind };
}

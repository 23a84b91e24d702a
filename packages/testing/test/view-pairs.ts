/**
 * Policies made for the tests over what agents report, the stages and the labels of tasks, and taints: each declares
 * the least that it depends on, so that the engine keeps its answers as long as it may.
 */
import type { FitnessCalculator, HardConstraint, RepulsionSpec, TaskSelector } from '@stowage/core';
import {
  type ConstraintPair,
  type FitnessPair,
  placementsOn,
  policyPair,
  selectedTasks,
} from '@stowage/testing';
import fc from 'fast-check';

type Score = (row: number) => number;

function scoring(name: string, dependsOn: FitnessCalculator['dependsOn'], bind: (cluster: Cluster) => Score) {
  return {
    name,
    dependsOn,
    bind(cluster: Cluster) {
      const scoreOf = bind(cluster);
      return {
        scoreInto(rows: Int32Array, count: number, scores: Float64Array) {
          for (let i = 0; i < count; i++) scores[i] = scoreOf(rows[i]);
        },
      };
    },
  } satisfies FitnessCalculator;
}

type Cluster = Parameters<FitnessCalculator['bind']>[0];

const selector = fc.constantFrom<TaskSelector>(
  {},
  { matchLabels: { job: 'web' } },
  { matchExpressions: [{ key: 'tier', operator: 'Exists' }] },
  { matchExpressions: [{ key: 'job', operator: 'NotIn', values: ['batch'] }] },
);

/** It only repels: the task itself may go anywhere. */
const repelling: fc.Arbitrary<ConstraintPair> = fc
  .record({ selector, attribute: fc.constantFrom('zone', 'rack') }, { requiredKeys: ['selector'] })
  .map((repels: RepulsionSpec) => {
    const plugin: HardConstraint = {
      name: `repels ${JSON.stringify(repels)}`,
      dependsOn: 'attributes',
      repels,
      bind: () => ({ test: () => 0 }),
    };
    return policyPair(
      plugin,
      Object.assign(() => true, { repels }),
    );
  });

const cool: ConstraintPair = policyPair(
  {
    name: 'heat below 2',
    dependsOn: 'agent',
    bind(cluster) {
      const heat = cluster.signal('heat');
      return { test: (row) => (heat[row] >= 2 ? 1 : 0) };
    },
  },
  (_task, agent) => (agent.signals.heat ?? -1) < 2,
);

const hasImage: ConstraintPair = policyPair(
  {
    name: 'image red or none reported',
    dependsOn: 'agent',
    bind(cluster) {
      const images = cluster.cached('image');
      const red = images.idOf('red');
      return { test: (row) => (images.countOf(row) === 0 || images.has(row, red) ? 0 : 1) };
    },
  },
  (_task, { cached: { image = [] } }) => image.length === 0 || image.includes('red'),
);

const atMostTwoStarting: ConstraintPair = policyPair(
  {
    name: 'at most two starting',
    dependsOn: 'agent',
    bind: ({ startingCount }) => ({ test: (row) => (startingCount[row] < 2 ? 0 : 1) }),
  },
  (_task, agent, cluster) =>
    placementsOn(cluster, agent).filter(({ stage }) => stage === 'assigned').length < 2,
);

export const viewConstraint: fc.Arbitrary<ConstraintPair> = fc.oneof(
  { weight: 3, arbitrary: repelling },
  { weight: 2, arbitrary: fc.constantFrom(cool, hasImage, atMostTwoStarting) },
);

const selectedOnAgent: fc.Arbitrary<FitnessPair> = selector.map((selected) =>
  policyPair(
    scoring('selected tasks on the agent', 'agent', (cluster) => {
      const tasks = cluster.selectedTasks(selected);
      return (row) => tasks.get(row);
    }),
    (_task, agent, cluster) =>
      BigInt(selectedTasks(cluster, selected).filter(({ row }) => row === agent.row).length),
  ),
);

/** With the number of agents of the value, which changes when agents come and go. */
const selectedInZone: fc.Arbitrary<FitnessPair> = selector.map((selected) =>
  policyPair(
    scoring('selected tasks and agents in the zone', 'group', (cluster) => {
      const tasks = cluster.selectedTasks(selected, 'zone');
      const zone = cluster.attribute('zone');
      return (row) => 100 * tasks.get(zone.ids[row]) + 10 * zone.agentCount(zone.ids[row]) + tasks.total;
    }),
    (_task, { attributes: { zone } }, cluster) => {
      const agents = cluster.agents.filter((agent) => agent.attributes.zone === zone);
      const all = selectedTasks(cluster, selected);
      const there = all.filter(({ row }) => agents.some((agent) => agent.row === row)).length;
      return BigInt(100 * there + 10 * (zone === undefined ? 0 : agents.length) + all.length);
    },
  ),
);

const reported: FitnessPair = policyPair(
  scoring('quality and items at hand', 'agent', (cluster) => {
    const quality = cluster.signal('quality');
    const groups = cluster.cached('securityGroup');
    return (row) => 2 * quality[row] + groups.countOf(row);
  }),
  (_task, { signals, cached }) => BigInt(2 * (signals.quality ?? -1) + (cached.securityGroup ?? []).length),
);

const fewestTaints: FitnessPair = policyPair(
  scoring('fewest taints', 'attributes', ({ taints }) => {
    const counts = Array.from({ length: taints.idCount }, (_, id) => taints.valueOf(id).length);
    return (row) => -counts[taints.ids[row]];
  }),
  (_task, agent) => BigInt(-agent.taints.length),
);

const youngestFirst: FitnessPair = policyPair(
  scoring('by time', 'anything', (cluster) => (row) => (row + cluster.nowMs()) % 4),
  (_task, agent, cluster) => BigInt((agent.row + cluster.nowMs) % 4),
);

/** Every search of at most one block of agents sees all of them, so an early stop makes no difference. */
const stopsEarly: FitnessPair = policyPair(
  {
    ...scoring('third of five rows', 'agent', () => (row) => (row * 3) % 5),
    range: [0, 4],
    search: { feasibleAgents: 1, goodEnough: 0.5 },
  },
  (_task, agent) => BigInt((agent.row * 3) % 5),
);

export const viewFitness: fc.Arbitrary<FitnessPair> = fc.oneof(
  selectedOnAgent,
  selectedInZone,
  fc.constantFrom(reported, fewestTaints, youngestFirst, stopsEarly),
);

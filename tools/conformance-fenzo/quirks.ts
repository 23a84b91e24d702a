/**
 * Defects and oddities of Fenzo that the engine does not share, each with the exact condition under which it makes
 * Fenzo answer otherwise. A difference is put down to a quirk only where its condition holds; all others count.
 * Conditions read Fenzo's state (`FenzoMemory`), the engine's (`FenzoWorld`) and the answers of both.
 */
import type { Explanation } from '@stowage/core';
import { BUNDLED, type FitnessName } from './fitness-name.ts';
import type { FenzoMemory } from './fenzo-memory.ts';
import type { FenzoWorld } from './fenzo-world.ts';
import type { GoldenConfig, GoldenConstraint, GoldenHost, GoldenLimit, GoldenTask } from './golden-types.ts';
import { HOSTNAME } from './policies.ts';

/** Numbers of the two differ by less for the same fitness. */
export const TOLERANCE = 1e-9;

/** Share of the resource sets in Fenzo's mix of fitness values. */
const SET_SHARE = 0.15;

export const QUIRKS = {
  exclusiveSameCall:
    'Fenzo marks a host as taken when an exclusive task is launched, so later tasks of the same call still land there.',
  absentSlotLeak:
    'Fenzo never frees a slot that was taken by tasks which asked nothing of the set; only the same kind of task can use it.',
  zeroFitness: 'Fenzo refuses a host when the fitness calculator gives 0.0 for it.',
  nanFitness: 'Fenzo divides by the total of a resource that the host has none of, and goes on with NaN.',
  coTaskWithoutAttribute:
    'Fenzo refuses every host, or rates it 0, when a co-task runs on a host that lacks the attribute.',
  portMaximum:
    'Fenzo compares with the most ports ever seen in a group, and counts each range as one port too few.',
  portRanges: 'Fenzo gives ports in the order of the offered ranges, and those in two ranges twice.',
  singleOfferPorts: 'Fenzo never takes ports back in single-offer mode.',
  firstTaskOfGroup: 'Fenzo does not hold the first task of a group to the limit of the group.',
  limitWithoutAsking:
    'Fenzo refuses a task of a group that is at its limit although the task asks nothing of that resource.',
  silentGroup: 'Fenzo does not report further tasks of a group whose limits are all 0.',
  noHosts: 'Fenzo reports no failures when there is no host to ask.',
  disableBeforeKnown: 'Fenzo loses a disable of a host that it does not know yet.',
  lateDisable: 'Fenzo disables hosts at the next call, after an enable that came later.',
  rescindBeforeArrival: 'Fenzo takes an offer that was rescinded before it arrived.',
  declinesRescinded: 'Fenzo gives an offer back that was rescinded, when its host is in an inactive group.',
  firstOfferForever:
    'Fenzo keeps the totals of the first offer in single-offer mode, whatever is offered later.',
} as const;

export type QuirkName = keyof typeof QUIRKS;

/** One host in the decision about one task. */
export interface HostCase {
  readonly task: GoldenTask;
  readonly host: GoldenHost;
  readonly config: GoldenConfig;
  readonly memory: FenzoMemory;
  readonly world: FenzoWorld;
  /** Fitness, undefined = refused. */
  readonly ours: number | undefined;
  readonly theirs: number | undefined;
  readonly explain: () => Explanation;
}

type Condition<C> = readonly [name: QuirkName, holds: (one: C) => boolean];

/** Fenzo finds the host feasible, the engine does not. */
const ONLY_THEIRS: readonly Condition<HostCase>[] = [
  [
    'exclusiveSameCall',
    (one) => isUnseenClaim(one) && one.explain().reasons.every(({ kind }) => kind === 'claimed'),
  ],
  [
    'portRanges',
    ({ world, host, explain }) =>
      overlap(portRanges(world, host)) && explain().reasons.every(({ name }) => name === 'ports'),
  ],
];

/** The engine finds the host feasible, Fenzo does not. */
const ONLY_OURS: readonly Condition<HostCase>[] = [
  [
    'absentSlotLeak',
    ({ memory, host, task }) =>
      setValue(memory, host, task, true) === 0 && setValue(memory, host, task, false) > 0,
  ],
  ['singleOfferPorts', (one) => isPortCounterUsedUp(one)],
  ['zeroFitness', (one) => calculatorValue(one.config.fitness, one) === 0],
  ['coTaskWithoutAttribute', (one) => countsUnseenCoTask(one, one.task.hard)],
];

/** Both find the host feasible and rate it otherwise. */
const OTHER_FITNESS: readonly Condition<HostCase>[] = [
  [
    'absentSlotLeak',
    ({ memory, host, task, ours, theirs }) => {
      const more = setValue(memory, host, task, true) - setValue(memory, host, task, false);
      return more !== 0 && Math.abs(ours! + SET_SHARE * more - theirs!) < TOLERANCE;
    },
  ],
  ['nanFitness', (one) => Number.isNaN(one.theirs) && Number.isNaN(calculatorValue(one.config.fitness, one))],
  [
    'coTaskWithoutAttribute',
    (one) =>
      countsUnseenCoTask(
        one,
        one.task.soft.map((constraint) => (constraint.type === 'asSoft' ? constraint.of : constraint)),
      ),
  ],
];

/** The quirk behind a difference about one host; undefined when it is a difference indeed. */
export function hostQuirk(one: HostCase): QuirkName | undefined {
  if (one.ours !== undefined && one.theirs === undefined) return unsharedRefusal(one);
  const conditions = one.ours === undefined ? ONLY_THEIRS : OTHER_FITNESS;
  return conditions.find(([, holds]) => holds(one))?.[0];
}

/** The quirk by which Fenzo refuses a host that the engine would not refuse, or not for that reason. */
export function unsharedRefusal(one: HostCase): QuirkName | undefined {
  return ONLY_OURS.find(([, holds]) => holds(one))?.[0];
}

/** Whether the host has an exclusive task that Fenzo has assigned and not launched. */
export function isUnseenClaim({ memory, host }: HostCase): boolean {
  return memory.claimedNow.has(host.host);
}

/** Whether Fenzo's port counter, which only grows, has less left than the task asks for. */
export function isPortCounterUsedUp({ config, memory, world, task, host }: HostCase): boolean {
  if (!config.singleOfferPerVM || memory.releasedPorts(host.host) === 0) return false;
  const total = portRanges(world, host).reduce((sum, [begin, end]) => sum + end - begin + 1, 0);
  const running = memory.tasksOn(host.host).reduce((sum, { ports }) => sum + ports, 0);
  return memory.releasedPorts(host.host) + running + task.ports > total;
}

/** Whether one of the constraints counts co-tasks by an attribute that the host of one of them lacks. */
export function countsUnseenCoTask(
  { task, memory }: HostCase,
  constraints: readonly GoldenConstraint[],
): boolean {
  return constraints.some((constraint) => {
    if (constraint.type !== 'uniqueHostAttr' && constraint.type !== 'balancedHostAttr') return false;
    const { attribute } = constraint;
    if (attribute === HOSTNAME) return false;
    return memory.coTaskHosts(task).some(({ attributes }) => (attributes.get(attribute) ?? '') === '');
  });
}

/** A task and the limit of its group. */
export interface GroupCase {
  readonly task: GoldenTask;
  readonly limit: GoldenLimit | undefined;
  readonly memory: FenzoMemory;
  /** In use by the group, by the engine's names. */
  readonly used: Readonly<Record<string, number>>;
}

/** Fenzo lets the task pass, the engine does not. */
export function isFirstTaskOfGroup({ task, limit, memory }: GroupCase): boolean {
  return limit !== undefined && !isZero(limit) && !memory.seenGroups.has(task.group);
}

/** Fenzo refuses the task for its group, the engine does not. */
export function isLimitWithoutAsking({ task, limit, memory, used }: GroupCase): boolean {
  if (limit === undefined) return false;
  if (!memory.seenGroups.has(task.group)) return isZero(limit);
  return (
    exceeds(used.cpu, task.cpu, limit.cores) ||
    exceeds(used.memory, task.memoryMB, limit.memoryMB) ||
    exceeds(used.network, task.networkMbps, limit.networkMbps) ||
    exceeds(used.disk, task.diskMB, limit.diskMB)
  );
}

/** Fenzo says nothing about the task. */
export function isSilentGroup({ task, memory }: GroupCase): boolean {
  return memory.failedGroups.has(task.group);
}

/** Whether a group that never had a task gets none. */
export function isZero(limit: GoldenLimit): boolean {
  return [limit.cores, limit.memoryMB, limit.networkMbps, limit.diskMB].every((amount) => amount === 0);
}

/** Fenzo refuses the task for the maxima of the groups, the engine has a host for it. */
export function isPortMaximum(task: GoldenTask, memory: FenzoMemory): boolean {
  return memory.exceedsMaxima(task, 'fenzoPorts') && !memory.exceedsMaxima(task, 'ports');
}

/** The quirk behind other ports than the lowest free ones. */
export function portQuirk(
  one: Pick<HostCase, 'config' | 'memory' | 'world' | 'host'>,
): QuirkName | undefined {
  const ranges = portRanges(one.world, one.host);
  if (one.config.singleOfferPerVM && one.memory.releasedPorts(one.host.host) > 0) return 'singleOfferPorts';
  const isAscending = ranges.every(([begin], i) => i === 0 || begin > ranges[i - 1][1]);
  return isAscending ? undefined : 'portRanges';
}

function portRanges(world: FenzoWorld, { host }: GoldenHost): (readonly [begin: number, end: number])[] {
  return world.heldBy(host).flatMap(({ ports }) => ports);
}

function overlap(ranges: readonly (readonly [begin: number, end: number])[]): boolean {
  const sorted = [...ranges].sort(([a], [b]) => a - b);
  return sorted.some(([begin], i) => i > 0 && begin <= sorted[i - 1][1]);
}

function setValue(memory: FenzoMemory, host: GoldenHost, task: GoldenTask, leaky: boolean): number {
  const request = task.namedResources.get(host.set?.name ?? '');
  return memory.slotsOf(host.host)?.value(request, leaky) ?? 0;
}

/** The value of a fitness calculator in Fenzo's arithmetic. */
function calculatorValue(fitness: FitnessName, one: HostCase): number {
  if ('parts' in fitness) {
    const values = fitness.parts.map((part) => calculatorValue(part.fitness, one));
    return values.includes(0)
      ? 0
      : values.reduce((sum, value, i) => sum + value * fitness.parts[i].weight, 0);
  }
  if (fitness.name === 'default') return 1;
  const packed = BUNDLED[fitness.name].map((resource) => shareInUse(resource, one));
  const values = fitness.name.endsWith('Spreader') ? packed.map((share) => 1 - share) : packed;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Used/total of a resource with the task. */
function shareInUse(resource: 'cpu' | 'memory' | 'network', { world, task, host }: HostCase): number {
  const { engine } = world.scheduler;
  const row = world.hosts.indexOf(host);
  const { index, unitsPerWhole } = engine.schema.scalar(resource);
  const asked = { cpu: task.cpu, memory: task.memoryMB, network: task.networkMbps }[resource];
  return (engine.usageOf(row)[index] + asked * unitsPerWhole) / engine.cluster.total(resource)[row];
}

function exceeds(used = 0, asked: number, limit: number | undefined): boolean {
  return asked === 0 && limit !== undefined && used > limit;
}

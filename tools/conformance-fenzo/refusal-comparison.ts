/**
 * Compares the reasons for which every host refuses a task. Fenzo gives the first hard constraint that does not hold,
 * else all resources that are short, else a resource set; the engine gives all reasons, so it must have Fenzo's and
 * nothing that Fenzo would have given before.
 */
import type { Explanation } from '@stowage/core';
import type { Decision } from './decision.ts';
import type { GoldenFailure, GoldenRefusal, GoldenTask } from './golden-types.ts';
import { type Comparison, compareFeasible, hostCase } from './placement-comparison.ts';
import { constraintOf, fenzoName } from './policies.ts';
import {
  countsUnseenCoTask,
  type HostCase,
  isPortCounterUsedUp,
  isUnseenClaim,
  type QuirkName,
  TOLERANCE,
  unsharedRefusal,
} from './quirks.ts';
import { scalarName, setName } from './resource-units.ts';

const RESOURCES: Readonly<Record<string, string>> = {
  CPU: 'cpu',
  Memory: 'memory',
  Network: 'network',
  Disk: 'disk',
  Ports: 'ports',
};

const EXCLUSIVE = fenzoName({ type: 'exclusiveHost' });

/** Compares a decision with a refusal by all hosts. */
export function compareRefusals(comparison: Comparison, decision: Decision, failure: GoldenFailure): void {
  const { world, findings } = comparison;
  const asked = failure.hosts.map(({ host }) => host).sort();
  findings.compare(
    'hosts',
    asked.length === world.openHosts.length && asked.every((host) => world.openHosts.includes(host)),
    () => `Fenzo asked ${asked.join(', ')}, we ${world.openHosts.join(', ')}`,
  );
  const found = compareFeasible(comparison, decision, new Map());
  findings.compare(
    'outcome',
    (decision.chosen === undefined) === (found.size === 0),
    () => `refused by Fenzo, we take ${decision.chosen}`,
  );
  for (const refusal of failure.hosts) {
    const isOpen = world.openHosts.includes(refusal.host);
    if (!isOpen || decision.fitness.has(refusal.host)) continue;
    const one = hostCase(comparison, decision, refusal.host, undefined);
    const explanation = one.explain();
    const problem = reasonProblem(one, explanation, refusal);
    if (problem === undefined) findings.compare('reasons', true, String);
    else findings.explain('reasons', problem.quirk, `${refusal.host}: ${problem.text}`);
  }
}

interface Problem {
  readonly text: string;
  readonly quirk: QuirkName | undefined;
}

function reasonProblem(one: HostCase, explanation: Explanation, refusal: GoldenRefusal): Problem | undefined {
  const { task } = one;
  const theirs = refusal.constraint?.name;
  const ours = firstConstraint(task, explanation, true);
  const shortage = theirs === undefined ? shortageProblem(one, explanation, refusal) : undefined;
  if (ours === theirs || shortage !== undefined) return shortage;
  const text = `refused for ${theirs ?? 'no constraint'}, by us for ${ours ?? 'none'}`;
  if (isUnseenClaim(one) && firstConstraint(task, explanation, false) === theirs)
    return { text, quirk: 'exclusiveSameCall' };
  return { text, quirk: countsUnseenCoTask(one, task.hard) ? 'coTaskWithoutAttribute' : undefined };
}

/** Fenzo's name of the first hard constraint that refuses, an exclusive task on the host before all others. */
function firstConstraint(
  task: GoldenTask,
  { reasons }: Explanation,
  seesClaims: boolean,
): string | undefined {
  const isClaimed = reasons.some(({ kind }) => kind === 'claimed');
  if (isClaimed && seesClaims) return EXCLUSIVE;
  const failing = task.hard.find((constraint) => {
    if (constraint.type === 'exclusiveHost')
      return isClaimed || reasons.some(({ kind }) => kind === 'occupied');
    const { name } = constraintOf(constraint);
    return reasons.some((reason) => reason.kind === 'constraint' && reason.name === name);
  });
  return failing && fenzoName(failing);
}

function shortageProblem(
  one: HostCase,
  { reasons }: Explanation,
  { resources }: GoldenRefusal,
): Problem | undefined {
  const ours = new Map(
    reasons.filter(({ kind }) => kind === 'resource').map((reason) => [reason.name, reason.leastShortfall!]),
  );
  const scalars = resources.filter(({ resource }) => resource !== 'ResourceSet' && resource !== 'Fitness');
  const theirs = new Map(
    scalars.map(({ resource, message, asking, used, available }) => [
      resource === 'Other' ? scalarName(message) : (RESOURCES[resource] ?? resource),
      asking + used - available,
    ]),
  );
  // A counter of ports that only grows makes ports short, or shorter.
  const isUsedUp = isPortCounterUsedUp(one);
  const differing = [...new Set([...ours.keys(), ...theirs.keys()])].filter(
    (name) => !(Math.abs((ours.get(name) ?? NaN) - (theirs.get(name) ?? NaN)) < TOLERANCE),
  );
  if (differing.length > 0) {
    const quirk = isUsedUp && differing.every((name) => name === 'ports') ? 'singleOfferPorts' : undefined;
    return { text: `short of ${shown(theirs)}, by us of ${shown(ours)}`, quirk };
  }
  const isShortOfSlots = reasons.some(({ kind, name }) => kind === 'slots' || name.startsWith(setName('')));
  if (scalars.length > 0 || (isShortOfSlots && resources.some(({ resource }) => resource === 'ResourceSet')))
    return undefined;
  const text = `refused for ${resources.map(({ resource }) => resource).join(', ')}, not by us`;
  return { text, quirk: unsharedRefusal(one) };
}

function shown(shortages: ReadonlyMap<string, number>): string {
  return [...shortages].map(([name, amount]) => `${amount} ${name}`).join(', ') || 'nothing';
}

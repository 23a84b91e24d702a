/**
 * Compares our decision about a task with what Fenzo recorded, host by host: who is feasible, how they rate, which
 * one is taken and which slots there.
 */
import type { Decision } from './decision.ts';
import type { FenzoMemory } from './fenzo-memory.ts';
import type { FenzoWorld } from './fenzo-world.ts';
import type { Findings } from './findings.ts';
import type { GoldenAssignment, GoldenScenario } from './golden-types.ts';
import { type HostCase, hostQuirk, type QuirkName, TOLERANCE } from './quirks.ts';
import { ABSENT } from './resource-sets.ts';
import { setName } from './resource-units.ts';

/** What a comparison is made with. */
export interface Comparison {
  readonly scenario: GoldenScenario;
  readonly world: FenzoWorld;
  readonly memory: FenzoMemory;
  readonly findings: Findings;
}

/** Both sides of one host. */
export function hostCase(
  { scenario, world, memory }: Comparison,
  decision: Decision,
  host: string,
  theirs: number | undefined,
): HostCase {
  return {
    task: decision.task,
    host: scenario.hosts.get(host)!,
    config: scenario.config,
    memory,
    world,
    ours: decision.fitness.get(host),
    theirs,
    explain: () => decision.explain(host),
  };
}

/** Compares the feasible hosts. @returns the quirks by which they differ, undefined in it for a difference */
export function compareFeasible(
  comparison: Comparison,
  decision: Decision,
  feasible: ReadonlyMap<string, number>,
): Set<QuirkName | undefined> {
  const { world, findings } = comparison;
  const found = new Set<QuirkName | undefined>();
  for (const host of world.openHosts) {
    const ours = decision.fitness.get(host);
    const theirs = feasible.get(host);
    if ((ours === undefined) === (theirs === undefined)) {
      findings.compare('feasibility', true, String);
      if (ours === undefined) continue;
      if (Math.abs(ours - theirs!) < TOLERANCE) {
        findings.compare('fitness', true, String);
        continue;
      }
    }
    const check = ours === undefined || theirs === undefined ? 'feasibility' : 'fitness';
    const quirk = hostQuirk(hostCase(comparison, decision, host, theirs));
    found.add(quirk);
    findings.explain(check, quirk, `${host}: we ${rated(ours)}, Fenzo ${rated(theirs)}`);
  }
  return found;
}

/** Compares a decision with a placement by Fenzo. */
export function comparePlacement(
  comparison: Comparison,
  decision: Decision,
  assignment: GoldenAssignment,
): void {
  const { world, findings } = comparison;
  const { feasible, host } = assignment;
  const strangers = [...feasible.keys()].filter((name) => !world.openHosts.includes(name));
  findings.compare('hosts', strangers.length === 0, () => `Fenzo asked ${strangers.join(', ')}, we did not`);
  const found = compareFeasible(comparison, decision, feasible);
  const { best, chosen } = decision;
  findings.compare('choice', chosen === best, () => `our engine takes ${chosen}, its own scores say ${best}`);
  findings.compare('outcome', chosen !== undefined || found.size > 0, () => `placed on ${host}, not by us`);
  if (chosen === host) findings.sameHost++;
  // Where hosts rate otherwise the choice follows from that, and was put down above.
  if (chosen !== undefined && found.size === 0) {
    const greatest = Math.max(...feasible.values());
    const isBest = (name: string): boolean => greatest - feasible.get(name)! < TOLERANCE;
    findings.compare(
      'choice',
      isBest(chosen) && isBest(host),
      () => `we take ${chosen}, Fenzo ${host}; its numbers: ${JSON.stringify(Object.fromEntries(feasible))}`,
    );
  }
  compareSlots(comparison, decision, assignment);
}

/** Compares the slots on the host that Fenzo took; nothing to compare where the engine refuses it. */
function compareSlots(
  { scenario, world, findings }: Comparison,
  decision: Decision,
  { host, resourceSets }: GoldenAssignment,
): void {
  const { set } = scenario.hosts.get(host)!;
  const theirs = resourceSets.find(({ attrName }) => attrName === set?.name);
  findings.compare(
    'slots',
    resourceSets.length === (set === undefined ? 0 : 1) && (set === undefined) === (theirs === undefined),
    () => `${host} has ${set?.name ?? 'no set'}, Fenzo took slots of ${resourceSets.length} sets`,
  );
  if (set === undefined || theirs === undefined) return;
  const name = decision.task.namedResources.get(set.name)?.value ?? ABSENT;
  findings.compare(
    'slots',
    theirs.resName === name,
    () => `Fenzo calls the slot ${theirs.resName}, not ${name}`,
  );
  const [slot] = decision.slotsOn(host)?.[setName(set.name)] ?? [];
  if (slot === undefined) return;
  const { holders, maxSlots } = world.scheduler.engine.cluster.slots(setName(set.name));
  const row = world.hosts.findIndex((one) => one.host === host);
  const isIdle = (index: number): boolean => holders[row * maxSlots + index] === 0;
  findings.compare(
    'slots',
    slot === theirs.index || (isIdle(slot) && isIdle(theirs.index)),
    () => `we take slot ${slot} of ${host}, Fenzo slot ${theirs.index}`,
  );
}

function rated(fitness: number | undefined): string {
  return fitness === undefined ? 'refuse it' : `rate it ${fitness}`;
}

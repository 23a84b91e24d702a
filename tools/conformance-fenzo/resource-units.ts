/**
 * The resources of a scenario as definitions of the engine. Fenzo counts in doubles, the engine in integer units;
 * recorded amounts are dyadic decimals, so for every resource there is a smallest power of two that makes all of
 * them integers. The smallest, because ratios of totals are compared over a common multiple.
 */
import { type ResourceDefinition } from '@stowage/core';
import { InputError } from './field-reader.ts';
import type { GoldenAmounts, GoldenLimit, GoldenScenario, GoldenTask } from './golden-types.ts';

/** Decimals by the engine's resource name. */
export type AmountsByName = Readonly<Record<string, number>>;

const MOST_UNITS_PER_WHOLE = 2 ** 20;

/** The engine's name of a scalar that is not built into Fenzo. */
export function scalarName(name: string): string {
  return `scalar:${name}`;
}

/** The engine's name of a resource set. */
export function setName(name: string): string {
  return `set:${name}`;
}

/** The amounts that are built into Fenzo, without ports. */
export function builtInAmounts({ cpu, memoryMB, networkMbps, diskMB }: GoldenAmounts): AmountsByName {
  return { cpu, memory: memoryMB, network: networkMbps, disk: diskMB };
}

/** The limit of a group; what is not limited is left out. */
export function limitAmounts({ cores, memoryMB, networkMbps, diskMB }: GoldenLimit): AmountsByName {
  const all = { cpu: cores, memory: memoryMB, network: networkMbps, disk: diskMB };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}

/** Amounts without ports. */
export function namedAmounts(
  amounts: GoldenAmounts & { readonly scalars: ReadonlyMap<string, number> },
): AmountsByName {
  const scalars = [...amounts.scalars].map(([name, amount]) => [scalarName(name), amount] as const);
  return { ...builtInAmounts(amounts), ...Object.fromEntries(scalars) };
}

/** All amounts that a task asks for. */
export function taskAmounts(task: GoldenTask): AmountsByName {
  return { ...namedAmounts(task), ports: task.ports };
}

/** Names of the resource sets that hosts have or tasks ask for. */
export function setNames({ hosts, iterations }: GoldenScenario): string[] {
  const ofHosts = [...hosts.values()].flatMap(({ set }) => (set === undefined ? [] : [set.name]));
  const asked = iterations.flatMap(({ tasks }) => tasks.flatMap((task) => [...task.namedResources.keys()]));
  return [...new Set([...ofHosts, ...asked])].sort();
}

/** @throws InputError UNSUPPORTED_AMOUNT */
export function resourceDefinitions(scenario: GoldenScenario): ResourceDefinition[] {
  const { hosts, iterations, config } = scenario;
  const amounts = [
    ...[...hosts.values()].map(namedAmounts),
    ...iterations.flatMap(({ offers, tasks }) => [...offers, ...tasks].map(namedAmounts)),
    ...[...config.resAllocs.values()].map(limitAmounts),
  ];
  const byName = new Map<string, number[]>();
  for (const one of amounts) {
    for (const [name, amount] of Object.entries(one)) {
      const list = byName.get(name);
      if (list === undefined) byName.set(name, [amount]);
      else list.push(amount);
    }
  }
  return [
    ...[...byName].map(([name, list]) => ({ name, unitsPerWhole: unitsPerWhole(name, list, scenario) })),
    { name: 'ports' },
    ...setNames(scenario).map((name) => ({ name: setName(name), kind: 'set' as const })),
  ];
}

function unitsPerWhole(name: string, amounts: readonly number[], { file, id }: GoldenScenario): number {
  let units = 1;
  for (const amount of amounts) {
    while (!Number.isInteger(amount * units)) {
      units *= 2;
      if (units > MOST_UNITS_PER_WHOLE) {
        throw new InputError(
          'UNSUPPORTED_AMOUNT',
          file,
          `${id} has ${amount} of ${name}; use multiples of 2^-20, which is what the replay can count.`,
        );
      }
    }
  }
  return units;
}

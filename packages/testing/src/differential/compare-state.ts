/**
 * The whole state of an engine against that of the oracle, as far as either can be asked.
 */
import type { PlacementEngine, ResourceDefinition } from '@stowage/core';
import { REPORT_ITEMS, REPORT_SIGNALS } from '../arbitraries/report-arbitrary.ts';
import { placementsOn, usedUnits } from '../oracle/reference-cluster.ts';
import type { ReferenceAgent, ReferenceCluster, ReferencePlacement } from '../oracle/reference-model.ts';
import type { ReferenceScheduler } from '../oracle/reference-scheduler.ts';

/** @throws Error unless both are the same */
export function same(what: string, engine: unknown, oracle: unknown): void {
  if (engine !== oracle)
    throw new Error(`${what}: the engine has ${String(engine)}, the oracle ${String(oracle)}.`);
}

/**
 * @param handles - engine handle per placement of the oracle
 * @throws Error that names the first difference
 */
export function compareState(
  engine: PlacementEngine,
  oracle: ReferenceScheduler,
  handles: ReadonlyMap<number, number>,
): void {
  const { cluster, resources } = oracle;
  same('broken invariants', engine.verify().join('; '), '');
  same('open transactions', engine.transactionDepth, oracle.transactionDepth);
  same('agents', engine.agentCount, cluster.agents.length);
  same('tasks', engine.taskCount, cluster.placements.length);
  same('placements ever', engine.cluster.placements(), cluster.placementCount);
  same('time', engine.cluster.nowMs(), cluster.nowMs);
  for (const agent of cluster.agents) compareAgent(engine, agent, cluster, resources, handles);
  for (const placement of cluster.placements) comparePlacement(engine, placement, resources, handles);
  same(
    'evictions',
    JSON.stringify(engine.evictions()),
    JSON.stringify(
      oracle.evictions().map(({ id, row, reason }) => ({ handle: handles.get(id), row, reason })),
    ),
  );
}

function compareAgent(
  engine: PlacementEngine,
  agent: ReferenceAgent,
  cluster: ReferenceCluster,
  resources: readonly ResourceDefinition[],
  handles: ReadonlyMap<number, number>,
): void {
  const { row, draining, attributes, taints, signals, cached } = agent;
  const tasks = placementsOn(cluster, agent);
  const scalars = resources.filter(({ kind }) => kind !== 'set').map(({ name }) => name);
  const used = scalars.map((name) => usedUnits(cluster, agent, name));
  const view = engine.cluster;
  same(`draining of row ${row}`, engine.isDraining(row), draining);
  same(`attributes of row ${row}`, entriesText(engine.attributesOf(row)), entriesText(attributes));
  same(`taints of row ${row}`, setText(engine.taintsOf(row)), setText(taints.map(withValue)));
  same(`usage of row ${row}`, engine.usageOf(row).join(), used.join());
  same(
    `free of row ${row}`,
    scalars.map((name) => view.free(name)[row]).join(),
    scalars.map((name, r) => agent.totals[name] - used[r]).join(),
  );
  same(
    `tasks of row ${row}`,
    engine.tasksOn(row).sort(ascending).join(),
    tasks
      .map(({ id }) => handles.get(id)!)
      .sort(ascending)
      .join(),
  );
  same(
    `starting tasks of row ${row}`,
    view.startingCount[row],
    tasks.filter(({ stage }) => stage === 'assigned').length,
  );
  for (const name of REPORT_SIGNALS)
    same(`signal ${name} of row ${row}`, view.signal(name)[row], signals[name] ?? -1);
  for (const [kind, items] of Object.entries(REPORT_ITEMS)) {
    const held = items.filter((item) => view.cached(kind).has(row, view.cached(kind).idOf(item)));
    same(`${kind} items of row ${row}`, held.sort().join(), [...(cached[kind] ?? [])].sort().join());
    same(
      `number of ${kind} items of row ${row}`,
      view.cached(kind).countOf(row),
      (cached[kind] ?? []).length,
    );
  }
}

function comparePlacement(
  engine: PlacementEngine,
  { id, row, slots, stage }: ReferencePlacement,
  resources: readonly ResourceDefinition[],
  handles: ReadonlyMap<number, number>,
): void {
  const handle = handles.get(id)!;
  same(`row of task ${id}`, engine.agentOf(handle), row);
  same(`stage of task ${id}`, engine.stageOf(handle), stage);
  for (const { name, kind } of resources) {
    if (kind !== 'set') continue;
    same(`${name} slots of task ${id} (bit mask)`, engine.slotsOf(handle, name), slotMask(slots[name] ?? []));
  }
}

/** Slot numbers as the unsigned bit mask that the engine knows. */
export function slotMask(slots: readonly number[]): number {
  return slots.reduce((mask, slot) => mask + 2 ** slot, 0);
}

function withValue({ key, value = '', effect }: ReferenceAgent['taints'][number]) {
  return { key, value, effect };
}

function ascending(a: number, b: number): number {
  return a - b;
}

function entriesText(record: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function setText(entries: readonly object[]): string {
  return entries
    .map((entry) => JSON.stringify(entry))
    .sort()
    .join();
}

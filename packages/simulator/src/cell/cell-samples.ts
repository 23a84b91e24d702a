/**
 * Takes samples of a cell: what is now, and what has happened since the sample before.
 */
import type { Scheduler } from '@stowage/core';
import type { AgentPools } from './agent-pools.ts';
import type { AgentFleet } from './agent-fleet.ts';
import type { CellCounts, CellRecorder } from './cell-recorder.ts';
import type { CellSample, PoolSample } from './cell-run.ts';
import type { Master } from './master.ts';
import { percentilesOf } from './percentiles.ts';
import type { CellPool } from './scenario.ts';
import { orderedEnds } from './task-tally.ts';
import type { TaskStore } from './task-store.ts';

type Counted = 'evictions' | 'imagePulls' | 'interfaceSetUps' | 'interfaceRebinds';

export class CellSamples {
  readonly samples: CellSample[] = [];
  readonly #recorder: CellRecorder;
  #before: Pick<CellCounts, Counted> = {
    evictions: 0,
    imagePulls: 0,
    interfaceSetUps: 0,
    interfaceRebinds: 0,
  };

  constructor(recorder: CellRecorder) {
    this.#recorder = recorder;
  }

  /** O(agents). @param master - undefined while it is down: then nothing counts as queued or booked */
  take(
    pools: readonly CellPool[],
    fleet: AgentFleet,
    agentPools: AgentPools,
    store: TaskStore,
    master: Master | undefined,
  ): void {
    const { tally, counts, atMs } = this.#recorder;
    const interval = tally.takeInterval();
    const before = this.#before;
    this.#before = { ...counts };
    this.samples.push({
      atMs,
      queued: tally.states.accepted,
      tasks: { ...tally.states },
      activeJobs: store.jobs.size,
      pools: Object.fromEntries(
        pools.map(({ name }) => [name, poolSample(name, fleet, agentPools.starting.get(name) ?? 0)]),
      ),
      utilisation: master === undefined ? {} : utilisationOf(master.scheduler),
      placed: interval.launches,
      waitMs: percentilesOf(interval.waitsMs),
      started: interval.starts,
      startMs: percentilesOf(interval.startsMs),
      ends: orderedEnds(interval.ends),
      evictions: counts.evictions - before.evictions,
      crashLoops: tally.crashLoops,
      imagePulls: counts.imagePulls - before.imagePulls,
      interfaceSetUps: counts.interfaceSetUps - before.interfaceSetUps,
      interfaceRebinds: counts.interfaceRebinds - before.interfaceRebinds,
    });
  }
}

function poolSample(name: string, { agents }: AgentFleet, starting: number): PoolSample {
  let [busy, idle, draining] = [0, 0, 0];
  for (const { pool, isDraining, containers } of agents.values()) {
    if (pool.name !== name) continue;
    if (isDraining) draining++;
    else if (containers.size > 0) busy++;
    else idle++;
  }
  return { busy, idle, draining, starting };
}

function utilisationOf({ engine }: Scheduler): Record<string, number> {
  const { cluster, rowCount, schema } = engine;
  const shares: Record<string, number> = {};
  for (const { name } of schema.scalars) {
    const [totals, frees] = [cluster.total(name), cluster.free(name)];
    let [total, free] = [0, 0];
    for (let row = 0; row < rowCount; row++) {
      total += totals[row];
      free += frees[row];
    }
    shares[name] = total === 0 ? 0 : 1 - free / total;
  }
  for (const { name } of schema.sets) shares[name] = bookedUnits(engine, name);
  return shares;
}

/** Share of the units of a resource set that tasks hold. */
function bookedUnits({ cluster, rowCount }: Scheduler['engine'], set: string): number {
  const { maxSlots, slotCount, unitsPerSlot, unitsFree } = cluster.slots(set);
  let [total, free] = [0, 0];
  for (let row = 0; row < rowCount; row++) {
    total += slotCount[row] * unitsPerSlot[row];
    for (let slot = 0; slot < slotCount[row]; slot++) free += unitsFree[row * maxSlots + slot];
  }
  return total === 0 ? 0 : 1 - free / total;
}

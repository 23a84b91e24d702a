/**
 * Naming the tasks that should leave: opportunistic tasks whose lenders want their resources back, and tasks on
 * agents with a NoExecute taint that they do not tolerate. The engine names them and does nothing.
 *
 * Per agent, tasks are taken in order of eviction (lowest priority first, latest placed first) as long as they help
 * a resource that is short; then those that turn out not to be needed stay, the last taken first. So the set has no
 * member too many, and is found in O(tasks log tasks).
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { parseTaints, type Taint, TAINTS_KEY, tolerates } from '../agents/taints.ts';
import { RESERVED } from './task-table.ts';

/** A task that should leave its agent. @public */
export interface Eviction {
  readonly handle: number;
  readonly row: number;
  /** `opportunistic`: the owner needs what it uses. `taint`: the agent has a NoExecute taint. */
  readonly reason: 'opportunistic' | 'taint';
}

/** By agent row, then in the order in which to evict. */
export function evictionsOf(ledger: Ledger): Eviction[] {
  const { agents } = ledger;
  const taints = noExecuteTaints(agents);
  const evictions: Eviction[] = [];
  for (const [row, indices] of tasksOfSuspects(ledger, taints)) {
    indices.sort((a, b) => evictionOrder(ledger, a, b));
    const shortfalls = agents.free.map((free, r) => -(free[row] + agents.surplus[r][row]));
    const { leaving, staying } = splitByTaints(
      ledger,
      indices,
      taints[agents.attributes.column(TAINTS_KEY).ids[row]],
    );
    for (const index of leaving) giveBack(ledger, index, shortfalls, 1);
    const borrowers = leastBorrowers(ledger, staying, shortfalls);
    for (const index of leaving)
      evictions.push({ handle: ledger.tasks.handleOf(index), row, reason: 'taint' });
    for (const index of borrowers)
      evictions.push({ handle: ledger.tasks.handleOf(index), row, reason: 'opportunistic' });
  }
  return evictions;
}

/** Whether a comes before b when tasks have to leave: lower priority, then later placement. */
export function evictionOrder(ledger: Ledger, a: number, b: number): number {
  return (
    classOf(ledger, a).priority - classOf(ledger, b).priority ||
    ledger.tasks.ordinalOf(b) - ledger.tasks.ordinalOf(a)
  );
}

/** NoExecute taints by id of the set of taints. */
function noExecuteTaints(agents: AgentTable): readonly (readonly Taint[])[] {
  const column = agents.attributes.column(TAINTS_KEY);
  return Array.from({ length: column.idCount }, (_, id) =>
    parseTaints(column.valueOf(id)).filter(({ effect }) => effect === 'NoExecute'),
  );
}

/** Task indices on agents that may have to lose some, by ascending row. */
function tasksOfSuspects(ledger: Ledger, taints: readonly (readonly Taint[])[]): [number, number[]][] {
  const { agents, tasks } = ledger;
  const rows = [...shortRows(agents), ...taintedRows(agents, taints)].sort((a, b) => a - b);
  if (rows.length === 0) return [];
  const byRow = new Map(rows.map((row): [number, number[]] => [row, []]));
  for (let index = 0; index < tasks.highWater; index++) {
    if (tasks.classOf(index) >= 0) byRow.get(tasks.agentOf(index))?.push(index);
  }
  return [...byRow];
}

/** Rows on which tasks have borrowed more than is left of some resource, once for each such resource. */
function shortRows({ free, surplus, rowCount }: AgentTable): number[] {
  const rows: number[] = [];
  free.forEach((units, r) => {
    const more = surplus[r];
    for (let row = 0; row < rowCount; row++) if (units[row] + more[row] < 0) rows.push(row);
  });
  return rows;
}

function taintedRows({ attributes, rowCount }: AgentTable, taints: readonly (readonly Taint[])[]): number[] {
  const rows: number[] = [];
  if (taints.every(({ length }) => length === 0)) return rows;
  const { ids } = attributes.column(TAINTS_KEY);
  for (let row = 0; row < rowCount; row++) if (taints[ids[row]].length > 0) rows.push(row);
  return rows;
}

function splitByTaints(ledger: Ledger, indices: readonly number[], taints: readonly Taint[]) {
  const staysPut = (index: number) => {
    const { tolerations } = classOf(ledger, index);
    return taints.every((taint) => tolerates(tolerations, taint));
  };
  return {
    leaving: indices.filter((index) => !staysPut(index)),
    staying: indices.filter(staysPut),
  };
}

function leastBorrowers(ledger: Ledger, indices: readonly number[], shortfalls: number[]): number[] {
  const taken: number[] = [];
  for (const index of indices) {
    if (!classOf(ledger, index).borrowed.some((resource) => shortfalls[resource] > 0)) continue;
    taken.push(index);
    giveBack(ledger, index, shortfalls, 1);
  }
  for (const index of [...taken].reverse()) {
    giveBack(ledger, index, shortfalls, -1);
    if (shortfalls.every((units) => units <= 0)) taken.splice(taken.indexOf(index), 1);
    else giveBack(ledger, index, shortfalls, 1);
  }
  return taken;
}

/** What is short once a task has left (sign 1) or is back (sign -1). */
function giveBack(ledger: Ledger, index: number, shortfalls: number[], sign: 1 | -1): void {
  const { demand, opportunistic } = classOf(ledger, index);
  const isReserved = ledger.tasks.stageOf(index) === RESERVED;
  for (let r = 0; r < shortfalls.length; r++) {
    shortfalls[r] -= sign * (opportunistic[r] + (isReserved ? 0 : demand[r]));
  }
}

function classOf({ classes, tasks }: Ledger, index: number) {
  return classes[tasks.classOf(index)]!;
}

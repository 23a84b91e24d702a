/**
 * Passes that keep the rows of a list that have enough of something, in place. Each is a tight loop over one or two
 * columns, and composing them costs no call per row.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import { FITTING_AMONG } from '../structures/fitting-among.ts';
import { FITTING_ROWS } from '../structures/fitting-rows.ts';
import type { TaskClass } from '../tasks/task-class.ts';

/** Writes all rows that are open and have enough free scalars, in order. @returns their number */
export function fittingRowsInto(
  taskClass: TaskClass,
  agents: AgentTable,
  columns: Int32Array[],
  rows: Int32Array,
): number {
  const joined = joinColumns(taskClass, agents, columns);
  const count = FITTING_ROWS[joined](agents.open, columns, taskClass.needs, agents.rowCount, rows);
  return keepFurther(taskClass, agents, joined, rows, count);
}

/**
 * Writes those of some rows that are open and have enough free scalars, in order.
 * @param from - may be `rows` itself
 * @returns their number
 */
export function fittingAmongInto(
  taskClass: TaskClass,
  agents: AgentTable,
  columns: Int32Array[],
  from: Int32Array,
  count: number,
  rows: Int32Array,
): number {
  const joined = joinColumns(taskClass, agents, columns);
  const kept = FITTING_AMONG[joined](agents.open, columns, taskClass.needs, from, count, rows);
  return keepFurther(taskClass, agents, joined, rows, kept);
}

/** Lists the columns that one kernel looks at. @returns their number */
function joinColumns({ demanded }: TaskClass, { free }: AgentTable, columns: Int32Array[]): number {
  const joined = Math.min(demanded.length, FITTING_ROWS.length - 1);
  for (let i = 0; i < joined; i++) columns[i] = free[demanded[i]];
  return joined;
}

/** Keeps the rows with enough of the scalars that no kernel looked at. @returns their number */
function keepFurther(
  { demanded, needs }: TaskClass,
  { free }: AgentTable,
  joined: number,
  rows: Int32Array,
  count: number,
): number {
  for (let i = joined; i < demanded.length; i++)
    count = keepAtLeast(free[demanded[i]], needs[i], rows, count);
  return count;
}

/** Keeps the rows that have what a class asks for besides free scalars, and constraints apart. @returns their number */
export function keepServing(
  taskClass: TaskClass,
  agents: AgentTable,
  rows: Int32Array,
  count: number,
): number {
  if (taskClass.claimsAgent) count = keepEmpty(agents.taskCount, rows, count);
  for (let i = 0; i < taskClass.borrowed.length; i++) {
    const resource = taskClass.borrowed[i];
    const needed = taskClass.demand[resource] + taskClass.opportunistic[resource];
    count = keepSumAtLeast(agents.free[resource], agents.surplus[resource], needed, rows, count);
  }
  for (let i = 0; i < taskClass.slotRequests.length; i++) {
    const request = taskClass.slotRequests[i];
    const slots = agents.slots[request.set];
    let kept = 0;
    for (let c = 0; c < count; c++) {
      if (slots.fits(rows[c], request)) rows[kept++] = rows[c];
    }
    count = kept;
  }
  return count;
}

/** The lowest row, -1 if there is none. */
export function lowest(rows: Int32Array, count: number): number {
  if (count === 0) return -1;
  let least = rows[0];
  for (let i = 1; i < count; i++) if (rows[i] < least) least = rows[i];
  return least;
}

/** Branch-free compaction: a failed test is only a row overwritten by its successor. */
function keepAtLeast(free: Int32Array, needed: number, rows: Int32Array, count: number): number {
  let kept = 0;
  for (let c = 0; c < count; c++) {
    const row = rows[c];
    rows[kept] = row;
    kept += ((free[row] - needed) >>> 31) ^ 1;
  }
  return kept;
}

function keepEmpty(taskCount: Int32Array, rows: Int32Array, count: number): number {
  let kept = 0;
  for (let c = 0; c < count; c++) if (taskCount[rows[c]] === 0) rows[kept++] = rows[c];
  return kept;
}

function keepSumAtLeast(
  free: Int32Array,
  surplus: Int32Array,
  needed: number,
  rows: Int32Array,
  count: number,
): number {
  let kept = 0;
  for (let c = 0; c < count; c++) {
    const row = rows[c];
    if (free[row] + surplus[row] >= needed) rows[kept++] = row;
  }
  return kept;
}

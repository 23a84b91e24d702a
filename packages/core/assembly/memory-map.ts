/**
 * Where everything stands in the memory of a forest: registers, through which it talks to JavaScript; tables by type,
 * group and row; and then the nodes, as many as are reserved. Memory is laid out once and never grows: a forest that
 * runs out of nodes refuses, and is laid out anew with more.
 */

/** An agent type; what it has of each scalar follows. */
@unmanaged
export class AgentType {
  fullLoad: i64;
}

/** A scalar of an agent type. */
@unmanaged
export class TypeScalar {
  /** Load of one unit. */
  weight: i64;
  /** Tightness of one unit, in steps of 2^-52. */
  stepsPerUnit: i64;
  total: i64;
}

/** Agents that no plug-in tells apart, and their tree. */
@unmanaged
export class Group {
  /** 0 for a group that never had an agent. */
  root: usize;
  size: i32;
  /** A row that was in the group when it was last asked for one. */
  sample: i32;
  /** Place in the list of groups with agents, if it has some. */
  liveAt: i32;
  type: AgentType;
}

/** Where a row stands. */
@unmanaged
export class Seat {
  /** 0 for a row that is in no tree. */
  leaf: usize;
  place: i32;
  group: i32;
}

export let scalarCount: i32 = 0;
/** Tightness of several scalars together: of all, and, of three or more, of the first with each of the others. */
export let jointCount: i32 = 0;
export let dimensionCount: i32 = 0;
/** 1 when greater loads rank first, -1 when smaller do. */
export let sign: i64 = 1;
export let groupCount: i32 = 0;
export let rowCapacity: i32 = 0;

/** Register: values of the agent to enter, by dimension; joint ones are written here. */
export let entryAt: usize = 0;
/** Register: what a task asks for, by dimension, joint ones apart; 0 = nothing. */
export let requestAt: usize = 0;
/** What a task needs, by number of the need, and where the values to compare it with begin in a node. */
export let needsAt: usize = 0;
export let columnsAt: usize = 0;
/** Register: two counters, of rows that fitted and were not behind the best before, and of nodes that were looked at. */
export let countersAt: usize = 0;
/** Register: scores of the groups with agents, in the order of `liveAt`; NaN = refused. */
export let groupScoresAt: usize = 0;
/** Register: rows, as an answer. */
export let rowsAt: usize = 0;
/** Table of agent types, `typeBytes` each. */
export let typesAt: usize = 0;
export let typeBytes: i32 = 0;
/** Type number per group. */
export let groupTypesAt: usize = 0;
/** Groups that have agents, by number. */
export let liveAt: usize = 0;

let groupsAt: usize = 0;
let seatsAt: usize = 0;
/** First byte that is not reserved; beyond what a memory can have if it would not suffice. */
let end: u64 = 0;

/** Lays everything out but the nodes, which come last. */
export function layOutTables(
  types: i32,
  groups: i32,
  scalars: i32,
  slots: i32,
  rows: i32,
  prefersGreater: bool,
): void {
  scalarCount = scalars;
  jointCount = scalars < 3 ? scalars >> 1 : scalars;
  dimensionCount = scalars + slots + jointCount;
  sign = prefersGreater ? 1 : -1;
  groupCount = groups;
  rowCapacity = rows;
  typeBytes = <i32>offsetof<AgentType>() + scalars * <i32>offsetof<TypeScalar>();
  end = __heap_base;
  entryAt = take(dimensionCount, 4);
  requestAt = take(dimensionCount, 4);
  needsAt = take(dimensionCount + 2, 4);
  columnsAt = take(dimensionCount + 2, 4);
  countersAt = take(2, 4);
  groupScoresAt = take(groups, 8);
  rowsAt = take(max(rows, groups), 4);
  typesAt = take(types, typeBytes);
  groupTypesAt = take(groups, 4);
  liveAt = take(groups, 4);
  groupsAt = take(groups, offsetof<Group>());
  seatsAt = take(rows, SEAT_BYTES);
}

/** Reserves so many elements of so many bytes, where a line of the cache begins. @returns where */
export function take(count: i32, bytes: usize): usize {
  const at = (end + 63) & ~63;
  end = at + <u64>count * bytes;
  return <usize>at;
}

/** Makes the memory as long as what is reserved. @returns whether that was possible */
export function reserve(): bool {
  if (end > MOST_BYTES) return false;
  const missing = <i32>((end + 0xffff) >>> 16) - memory.size();
  return missing <= 0 || memory.grow(missing) >= 0;
}

/** What addresses of 32 bits reach, less a page. */
const MOST_BYTES: u64 = 0xffff0000;

const SEAT_BYTES: usize = 16;

export function groupOf(number: i32): Group {
  return changetype<Group>(groupsAt + <usize>number * offsetof<Group>());
}

export function seatOf(row: i32): Seat {
  return changetype<Seat>(seatsAt + ((<usize>row) << 4));
}

/** Where element `i` of a column of words stands. */
export function word(column: usize, i: i32): usize {
  return column + ((<usize>i) << 2);
}

/**
 * Where everything stands in the memory of a forest: registers, through which it talks to JavaScript; tables by type,
 * group and row; and then the nodes, as many as are reserved. Memory never grows: a forest that runs out of nodes refuses,
 * and is laid out anew with more.
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

/** Agents of one type in one domain, and their tree. */
@unmanaged
export class Group {
  /** 0 for a group that never had an agent. */
  root: usize;
  size: i32;
  /** Place among the live groups of its domain, if it has agents. */
  liveAt: i32;
  type: AgentType;
  /** The leaf with the greatest scores; it stays the first of the tree for as long as there is one. */
  first: usize;
  /** The greatest score, or more while the first leaf is empty. Where greater loads rank first, more than any: full agents are of no use. */
  top: i64;
}

/** Agents that plug-ins do not tell apart: one group per type. */
@unmanaged
export class Domain {
  /** Groups that have agents. */
  liveGroups: i32;
  /** Place among the domains that have agents, if it has some. */
  liveAt: i32;
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
export let typeCount: i32 = 0;
/** Groups are numbered domain by domain, and by type within. */
export let groupCount: i32 = 0;
export let domainCount: i32 = 0;
export let rowCapacity: i32 = 0;

/** Register: agents to enter, `entryWords` each: row, group, and values by dimension, of which joint ones are written here. */
export let entriesAt: usize = 0;
export let entryWords: i32 = 0;
/** Register: what a task asks for, by dimension, joint ones apart; 0 = nothing. */
export let requestAt: usize = 0;
/** What a task needs, by number of the need, and where the values to compare it with begin in a node. */
export let needsAt: usize = 0;
export let columnsAt: usize = 0;
/** Register: two counters of the last search, of rows that fitted and were not behind the best before, and of nodes that were looked at. */
export let countersAt: usize = 0;
/** Register: scores of the domains with agents, in the order of `liveDomainsAt`; NaN = refused. */
export let domainScoresAt: usize = 0;
/** Register: a row of every domain with agents, in the same order, as the answer of `findSamples`. */
export let samplesAt: usize = 0;
/** Register: rows, as an answer. */
export let rowsAt: usize = 0;
/** Table of agent types, `typeBytes` each. */
export let typesAt: usize = 0;
export let typeBytes: i32 = 0;
/** Numbers of the domains that have agents. */
export let liveDomainsAt: usize = 0;
/** Numbers of the groups that have agents: per domain as many places as there are types. */
export let liveGroupsAt: usize = 0;

let groupsAt: usize = 0;
let domainsAt: usize = 0;
let seatsAt: usize = 0;
/** First byte that is not reserved; beyond what a memory can have if it would not suffice. */
let end: u64 = 0;

/** Lays everything out but the nodes, which come last. */
export function layOutTables(
  types: i32,
  domains: i32,
  scalars: i32,
  slots: i32,
  rows: i32,
  prefersGreater: bool,
): void {
  scalarCount = scalars;
  jointCount = scalars < 3 ? scalars >> 1 : scalars;
  dimensionCount = scalars + slots + jointCount;
  sign = prefersGreater ? 1 : -1;
  typeCount = types;
  groupCount = types * domains;
  domainCount = domains;
  rowCapacity = rows;
  typeBytes = <i32>offsetof<AgentType>() + scalars * <i32>offsetof<TypeScalar>();
  end = __heap_base;
  entryWords = <i32>(ENTRY_VALUES >> 2) + dimensionCount;
  entriesAt = take(MOST_ENTRIES * entryWords, 4);
  requestAt = take(dimensionCount, 4);
  needsAt = take(dimensionCount + 2, 4);
  columnsAt = take(dimensionCount + 2, 4);
  countersAt = take(2, 4);
  domainScoresAt = take(domains, 8);
  samplesAt = take(domains, 4);
  rowsAt = take(rows, 4);
  typesAt = take(types, typeBytes);
  liveDomainsAt = take(domains, 4);
  liveGroupsAt = take(groupCount, 4);
  groupsAt = take(groupCount, offsetof<Group>());
  domainsAt = take(domains, offsetof<Domain>());
  seatsAt = take(rows, SEAT_BYTES);
}

/** Reserves so many elements of so many bytes, where a line of the cache begins. @returns where */
export function take(count: i32, bytes: usize): usize {
  const at = (end + 63) & ~63;
  end = at + <u64>count * bytes;
  return <usize>at;
}

/** Pages of memory that what is reserved takes; 0 if that is more than there can be. */
export function pagesReserved(): i32 {
  return end > MOST_BYTES ? 0 : <i32>((end + 0xffff) >>> 16);
}

/** What addresses of 32 bits reach, less a page. */
const MOST_BYTES: u64 = 0xffff0000;

const SEAT_BYTES: usize = 16;
/** Where the values of an entry begin. */
export const ENTRY_VALUES: usize = 8;
/** Agents that are entered at a time; as in `rank-forest.ts`. */
const MOST_ENTRIES: i32 = 64;

export function groupOf(number: i32): Group {
  return changetype<Group>(groupsAt + <usize>number * offsetof<Group>());
}

export function domainOf(number: i32): Domain {
  return changetype<Domain>(domainsAt + <usize>number * offsetof<Domain>());
}

/** Number of a group of a domain that has agents. */
export function liveGroup(domain: i32, i: i32): i32 {
  return load<i32>(word(liveGroupsAt, domain * typeCount + i));
}

export function seatOf(row: i32): Seat {
  return changetype<Seat>(seatsAt + ((<usize>row) << 4));
}

/** Where element `i` of a column of words stands. */
export function word(column: usize, i: i32): usize {
  return column + ((<usize>i) << 2);
}

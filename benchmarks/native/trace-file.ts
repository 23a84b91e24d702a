/**
 * Writes the start of a churn as the C program reads it, see `trace.h`: what the agents are, what runs where, what comes
 * and which task leaves. The engine and its twin in C then decide the very same operations.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { endianness } from 'node:os';
import { loadWeights } from '@stowage/core';
import { type AgentType, agentType } from '../workloads/agent-types.ts';
import type { ChurnStart } from '../workloads/churn.ts';
import type { FitnessName } from '../workloads/workload.ts';

const MAGIC = 0x53544f57;
const VERSION = 1;
const UNITS = ['cpuMilli', 'memoryMiB', 'diskMiB', 'networkMbps'] as const;

/** By number in `trace.h`. */
const FITNESS: readonly FitnessName[] = ['packing', 'spreading', 'most-tasks', 'fewest-free-cores'];

/** @throws Error when the file cannot be written, or on a machine that is not little-endian */
export function writeTrace({ workload, shapes, state, victims }: ChurnStart, path: string): void {
  if (endianness() !== 'LE') throw new Error('Traces are little-endian, and this machine is not.');
  const { agents, fitness } = workload;
  const units = UNITS.slice(0, workload.resources);
  const { types, typeOf } = typesOf(agents);
  const totals = types.map((type) => Int32Array.from(units, (unit) => type[unit]));
  const resources = [...units.keys()];
  const { weights } = loadWeights({ agentTypes: totals }, resources);
  const header = [MAGIC, VERSION, agents, units.length, types.length, shapes.length, state.rows.length];
  const file = openSync(path, 'wx');
  try {
    for (const column of [
      Int32Array.of(...header, victims.length, FITNESS.indexOf(fitness)),
      weights,
      Int32Array.from(totals.flatMap((total) => [...total])),
      typeOf,
      Int32Array.from(shapes.flatMap((shape) => units.map((unit) => shape[unit]))),
      state.classes,
      state.rows,
      victims,
    ])
      writeAll(file, column);
  } finally {
    closeSync(file);
  }
}

/** Agents with equal totals, also of what no task asks for, are of one type, as in the engine. */
function typesOf(agents: number): { readonly types: readonly AgentType[]; readonly typeOf: Int32Array } {
  const types: AgentType[] = [];
  const typeOf = Int32Array.from({ length: agents }, (_, row) => {
    const type = agentType(row);
    const known = types.indexOf(type);
    return known >= 0 ? known : types.push(type) - 1;
  });
  return { types, typeOf };
}

function writeAll(file: number, column: Int32Array | Float64Array): void {
  const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

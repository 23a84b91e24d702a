/**
 * Small inputs of the elastic suite: the Azure trace in miniature in a temporary folder, and windows from a seed.
 */
import { SeededRandom } from '../src/seeded-random.ts';
import { type Flavour, STAYS, type VmRow, type VmTrace, vmTrace } from '../src/quality/elastic/vm-trace.ts';
import { traceFolder } from './trace-folder.ts';

const FILES = {
  'maps/flav_map.txt': '1,1.75 b\n8,56 o\n',
  'maps/v1.interval_map.txt': '0 0\n300 1\n600 2\n900 2\n1200 2\n',
  'traces/v1.dev.txt': '1000 b,|,b,o,|,\n1300 o,|,\n',
  'traces/v1.dev.c10000.txt': '1000 U0,|,U1,U2,|,\n1300 C2,|,\n',
};

/** @param changes - content by file, instead of the proper one; undefined leaves the file out */
export function vmFolder(changes: Readonly<Record<string, string | undefined>> = {}): string {
  return traceFolder({ ...FILES, ...changes });
}

export const FLAVOURS: readonly Flavour[] = [
  { name: 'small', cpu: 1, memoryMiB: 2_048 },
  { name: 'middle', cpu: 2, memoryMiB: 7_168 },
  { name: 'large', cpu: 8, memoryMiB: 14_336 },
  { name: 'memory', cpu: 4, memoryMiB: 28_672 },
];

/** Batches of one to four machines with one lifetime, in bins of 300 s; a tenth stays. */
export function generatedTrace(seed: number, bins: number, batchesPerBin: number): VmTrace {
  const random = new SeededRandom(seed);
  const rows: VmRow[] = [];
  for (let batch = 0; batch < bins * batchesPerBin; batch++) {
    const machine = {
      arrivalS: 300 * Math.floor(batch / batchesPerBin),
      lifetimeS: random.below(10) === 0 ? STAYS : 150 * (1 + random.below(40)),
      flavour: random.below(FLAVOURS.length),
      batch,
    };
    rows.push(...Array<VmRow>(1 + random.below(4)).fill(machine));
  }
  return vmTrace(`generated with seed ${seed}`, FLAVOURS, rows, 300 * bins);
}

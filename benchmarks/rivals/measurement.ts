/**
 * Bursts of a rival, one after the other, until a given time is over.
 */
import type { Repetition } from './repetition.ts';
import type { Rival } from './rival.ts';

/**
 * @param leastMs - calls go on until they have taken this long
 * @throws Error when two calls decide differently: equal bursts on equal clusters must not
 */
export function measure(rival: Rival, leastMs: number): Repetition {
  globalThis.gc?.();
  let calls = 0;
  let placeMs = 0;
  let cpuMicros = 0;
  let totalMs = 0;
  let rows: readonly number[] = [];
  while (calls === 0 || totalMs < leastMs) {
    const cpuBefore = process.cpuUsage();
    const start = performance.now();
    rival.place();
    const placed = performance.now();
    const cpu = process.cpuUsage(cpuBefore);
    const now = rival.rows();
    const release = performance.now();
    rival.release();
    const end = performance.now();
    rival.renew?.();
    if (calls > 0 && now.some((row, i) => row !== rows[i])) throw new Error('Two equal calls differ.');
    rows = now;
    calls++;
    placeMs += placed - start;
    cpuMicros += cpu.user + cpu.system;
    totalMs += placed - start + (end - release);
  }
  return { calls, placeNs: placeMs * 1e6, cpuNs: cpuMicros * 1e3, totalNs: totalMs * 1e6, rows };
}

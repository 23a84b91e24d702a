/**
 * What an auto-scaler remembers, as plain data for JSON: the clocks of its pools and the failed tasks counted lately.
 * Rules hold functions and stay with the caller. Read with distrust: every field is checked before anything is made of it.
 */
import { show } from '@stowage/core';
import { requireArray, requireCount, requireFinite, requireObject, requireText } from './checks.ts';
import { fail } from './errors.ts';
import type { PoolClocks } from './pool-clocks.ts';

/** Equal for equal states. @public */
export interface AutoScalerSnapshot {
  readonly version: 1;
  /** By pool name. */
  readonly clocks: readonly PoolClocks[];
  /** Failed tasks for which agents were asked for, with the time, by id. */
  readonly counted: readonly (readonly [taskId: string, countedAtMs: number])[];
}

const CODE = 'INVALID_AUTOSCALE_SNAPSHOT';

/** @throws StowageError INVALID_AUTOSCALE_SNAPSHOT */
export function readSnapshot(value: unknown): AutoScalerSnapshot {
  const { version, clocks, counted } = requireObject<AutoScalerSnapshot>(CODE, 'the snapshot', value);
  if ((version as unknown) !== 1)
    fail(CODE, `the snapshot is of version ${show(version)}; give one of version 1.`);
  const pools = requireArray<PoolClocks>(CODE, 'clocks', clocks).map(readClocks);
  const tasks = requireArray<unknown>(CODE, 'counted', counted).map(readCounted);
  requireDistinct(
    'pool',
    pools.map(({ pool }) => pool),
  );
  requireDistinct(
    'task',
    tasks.map(([id]) => id),
  );
  return { version: 1, clocks: pools, counted: tasks };
}

function readClocks(value: unknown): PoolClocks {
  const clocks = requireObject<PoolClocks>(CODE, 'clocks of a pool', value);
  const pool = requireText(CODE, 'a pool', clocks.pool);
  const time = (name: keyof PoolClocks): number =>
    requireFinite(CODE, `${name} of pool "${pool}"`, clocks[name]);
  const timeOrNull = (name: keyof PoolClocks): number | null => (clocks[name] === null ? null : time(name));
  const { expectedSize } = clocks;
  return {
    pool,
    lastUpMs: time('lastUpMs'),
    lastDownMs: time('lastDownMs'),
    lastInactiveDownMs: timeOrNull('lastInactiveDownMs'),
    upAskedMs: timeOrNull('upAskedMs'),
    downAskedMs: timeOrNull('downAskedMs'),
    inactiveDownAskedMs: timeOrNull('inactiveDownAskedMs'),
    expectedSize:
      expectedSize === null ? null : requireCount(CODE, `expectedSize of pool "${pool}"`, expectedSize),
    expectedUntilMs: timeOrNull('expectedUntilMs'),
  };
}

function readCounted(value: unknown): [string, number] {
  const [id, atMs] = requireArray<unknown>(CODE, 'an entry of counted', value);
  return [requireText(CODE, 'a counted task', id), requireFinite(CODE, 'the time of a counted task', atMs)];
}

function requireDistinct(what: string, names: readonly string[]): void {
  if (new Set(names).size !== names.length)
    fail(CODE, `a ${what} is listed twice; give a snapshot that snapshot() returned.`);
}

/**
 * Carries a migration out in the engine's books.
 */
import type { PlacementEngine } from '@stowage/core';
import { requireObject } from '../guarded.ts';
import type { Migration } from './migration.ts';

/**
 * Takes a task off its agent and places it on another one as if it were new: all constraints hold there. A reservation
 * stays one, any other task is `assigned` until it is started. For an engine of your own: a `Scheduler` keeps ids for
 * handles and must not be bypassed; there, release the task and schedule it with `agent`.
 * @returns the new handle; -1 when the agent does not take it any more, and then nothing has changed
 * @throws StowageError INVALID_PLANNING_OPTION, UNKNOWN_TASK, those of `PlacementEngine.placeOn`; then nothing has
 * changed
 * @public
 */
export function migrate(engine: PlacementEngine, migration: Migration<number, number>): number {
  requireObject('the migration', migration);
  const { task, to } = migration;
  const classId = engine.classOf(task);
  const isReserved = engine.stageOf(task) === 'reserved';
  engine.begin();
  let handle = -1;
  try {
    engine.release(task);
    handle = isReserved ? engine.reserve(classId, to) : engine.placeOn(classId, to);
  } finally {
    if (handle < 0) engine.rollback();
    else engine.commit();
  }
  return handle;
}

/**
 * Carries a migration out in the engine's books.
 */
import type { PlacementEngine } from '@stowage/core';
import type { Migration } from './migration.ts';

/**
 * Takes a task off its agent and places it on another one as if it were new: all constraints hold there, and it is
 * `assigned` until it is started.
 * @returns the new handle; -1 when the agent does not take it any more, and then nothing has changed
 * @throws StowageError UNKNOWN_TASK, those of `PlacementEngine.placeOn`; then nothing has changed
 * @public
 */
export function migrate(engine: PlacementEngine, { task, to }: Migration<number, number>): number {
  const classId = engine.classOf(task);
  engine.begin();
  let handle = -1;
  try {
    engine.release(task);
    handle = engine.placeOn(classId, to);
  } finally {
    if (handle < 0) engine.rollback();
    else engine.commit();
  }
  return handle;
}

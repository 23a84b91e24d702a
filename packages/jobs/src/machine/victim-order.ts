/**
 * Whom a scale-down takes: a policy, because spreading what stays and emptying agents cannot both be had.
 */
import type { TaskRecord } from '../model/task-record.ts';

/**
 * Puts tasks that may go into the order in which they go.
 * @param live - all tasks of the job that have a place and are not being killed, in order of index; those without a
 *   place have gone already
 * @param count - how many go, at most `live.length`
 * @returns `count` of them
 * @public
 */
export type VictimOrder = (live: readonly TaskRecord[], count: number) => readonly TaskRecord[];

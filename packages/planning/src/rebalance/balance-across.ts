/**
 * Restores the balance of groups of tasks, such as jobs over zones, which is lost when zones fail, agents are
 * replaced or jobs shrink: Titus places evenly and never looks again. A task leaves the value of the attribute that
 * has most of its group for the value with the fewest; which agent there, ordinary scheduling decides.
 */
import { show } from '@stowage/core';
import { fail } from '../errors.ts';
import { guarded, requireFunction, requireObject } from '../guarded.ts';
import type { MigrationTrial } from './migration-trial.ts';
import type { RebalanceGoal } from './rebalance-goal.ts';

/** @public */
export interface BalanceAcrossOptions {
  /**
   * Group that a task is balanced within; undefined = none. Tasks are known by their handles before the plan, which an
   * engine may not know any more when it is asked: do not look them up there.
   */
  readonly groupOf: (task: number) => string | undefined;
  /** Greatest difference between the values with most and fewest tasks that is left alone, at least 1. Default 1. */
  readonly maxSkew?: number;
  /** Gain of one task less in the wrong place, a finite number above 0. Default 1. */
  readonly worth?: number;
}

/** Handles of a group's tasks that may still move, and how many tasks it has, by value of the attribute. */
interface Share {
  readonly value: string;
  tasks: number[];
  count: number;
}

/**
 * The goal of having the tasks of each group spread evenly over the values of an attribute that agents have which take
 * tasks. Gain: `worth` for each task that moves. O(agents) per task that moves, and the placements tried.
 * @param attribute - such as `zone`; agents without it do not count
 * @throws StowageError INVALID_PLANNING_OPTION
 * @public
 */
export function balanceAcross(attribute: string, options: BalanceAcrossOptions): RebalanceGoal {
  requireObject('the options of balanceAcross', options);
  const { groupOf, maxSkew = 1, worth = 1 } = options;
  requireFunction('groupOf', groupOf);
  if (typeof attribute !== 'string' || attribute === '')
    fail('INVALID_PLANNING_OPTION', `the attribute is ${show(attribute)}; give a non-empty string.`);
  if (!(Number.isSafeInteger(maxSkew) && maxSkew >= 1))
    fail('INVALID_PLANNING_OPTION', `maxSkew is ${show(maxSkew)}; give an integer of at least 1.`);
  if (!(Number.isFinite(worth) && worth > 0))
    fail('INVALID_PLANNING_OPTION', `worth is ${show(worth)}; give a number above 0.`);
  const goal = `balance across ${attribute}`;
  return {
    name: goal,
    propose(trial) {
      const valueOf = new Map(trial.rows.map((row) => [row, trial.engine.attributesOf(row)[attribute]]));
      const closedFor = new Map<string, number[]>();
      for (const [group, shares] of groupsOf(trial, valueOf, groupOf)) {
        /** Classes by value that has no room for them. */
        const refused = new Set<string>();
        while (trial.left > 0 && moveOne(shares, attempt)) continue;

        function attempt(task: number, from: string, to: string): boolean {
          const attempted = `${trial.engine.classOf(task)} ${to}`;
          if (refused.has(attempted) || trial.costOf([task]) === undefined) return false;
          let closed = closedFor.get(to);
          if (closed === undefined)
            closedFor.set(to, (closed = trial.rows.filter((row) => valueOf.get(row) !== to)));
          const effect = `brings a task of ${group} from ${from} to ${to}`;
          const done = trial.attempt({ goal, effect, tasks: [task], gain: worth, closed });
          if (!done) refused.add(attempted);
          return done;
        }
      }
    },
  };

  /** From where most are to where fewest are; other pairs when that one does not work. */
  function moveOne(
    shares: readonly Share[],
    attempt: (task: number, from: string, to: string) => boolean,
  ): boolean {
    const byCount = [...shares].sort((a, b) => b.count - a.count);
    for (const from of byCount) {
      for (const to of byCount.toReversed()) {
        if (from.count - to.count <= maxSkew) break;
        const moved = from.tasks.find((task) => attempt(task, from.value, to.value));
        if (moved === undefined) continue;
        from.tasks = from.tasks.filter((task) => task !== moved);
        from.count--;
        to.count++;
        return true;
      }
    }
    return false;
  }
}

/** By group, in order of their lowest agents; every value that agents have which take tasks has its share. */
function groupsOf(
  trial: MigrationTrial,
  valueOf: ReadonlyMap<number, string | undefined>,
  groupOf: BalanceAcrossOptions['groupOf'],
): Map<string, Share[]> {
  const open = trial.rows.filter((row) => !trial.engine.isDraining(row)).map((row) => valueOf.get(row));
  const values = [...new Set(open)].filter((value) => value !== undefined);
  const groups = new Map<string, Share[]>();
  for (const row of trial.rows) {
    for (const task of trial.tasksOn(row)) {
      const group = guarded('groupOf', () => groupOf(task));
      if (group === undefined) continue;
      let shares = groups.get(group);
      if (shares === undefined)
        groups.set(group, (shares = values.map((value) => ({ value, tasks: [], count: 0 }))));
      const movedTo = trial.movedTo(task);
      const share = shares.find(({ value }) => value === valueOf.get(movedTo ?? row));
      if (share === undefined) continue;
      share.count++;
      if (movedTo === undefined) share.tasks.push(task);
    }
  }
  return groups;
}

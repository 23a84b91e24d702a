/**
 * Whether the engine decides the same with a plug-in as without its claims: the test that matters in the end.
 */
import type { ResourceDefinition, TaskRequirements } from '@stowage/core';
import { ClusterActor } from './cluster-actor.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { messageOf, type Violation } from './conformance-error.ts';

/** Policies of a task class. */
export type Policies = Pick<TaskRequirements, 'constraints' | 'fitness'>;

/** The first difference in one case; empty if there is none. */
export function compareStructures(
  { declared, scanOnly }: { readonly declared: Policies; readonly scanOnly: Policies },
  resources: readonly ResourceDefinition[],
  { agents, classes, operations }: ConformanceCase,
): Violation[] {
  const actorWith = (policies: Policies) =>
    new ClusterActor(
      resources,
      classes.map((bare) => ({ ...bare, ...policies })),
    );
  const [left, right] = [actorWith(declared), actorWith(scanOnly)];
  const history = [...agents.map((shape) => ({ kind: 'add', shape }) as const), ...operations];
  try {
    for (const [i, operation] of history.entries()) {
      const [ours, theirs] = [left.apply(operation), right.apply(operation)];
      if (ours?.row === theirs?.row) continue;
      const message = `step ${i} (${operation.kind}) chose ${rowText(ours)}, but ${rowText(theirs)} with all agents looked at`;
      return [{ promise: 'structure', message }];
    }
  } catch (error) {
    return [{ promise: 'works', message: messageOf(error) }];
  }
  return [];
}

function rowText(change: { readonly row: number } | undefined): string {
  return change === undefined ? 'no row' : `row ${change.row}`;
}

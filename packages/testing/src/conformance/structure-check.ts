/**
 * Whether the engine decides the same with a plug-in as without its claims, whatever structure answers: the test that
 * matters in the end.
 */
import type { ResourceDefinition, StructureChoice, TaskRequirements } from '@stowage/core';
import { ClusterActor } from './cluster-actor.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { messageOf, type Violation } from './conformance-error.ts';

/** Policies of a task class. */
export type Policies = Pick<TaskRequirements, 'constraints' | 'fitness'>;

const STRUCTURES: readonly StructureChoice[] = ['class-tree', 'ordered-index'];

/** The first difference in one case; empty if there is none. */
export function compareStructures(
  { declared, scanOnly }: { readonly declared: Policies; readonly scanOnly: Policies },
  resources: readonly ResourceDefinition[],
  { agents, classes, operations }: ConformanceCase,
): Violation[] {
  const actorWith = (policies: Policies, structure: StructureChoice) =>
    new ClusterActor(
      resources,
      classes.map((bare) => ({ ...bare, ...policies })),
      structure,
    );
  const scanning = actorWith(scanOnly, 'scan');
  const others = STRUCTURES.map((structure) => ({ structure, actor: actorWith(declared, structure) }));
  const history = [...agents.map((shape) => ({ kind: 'add', shape }) as const), ...operations];
  try {
    for (const [i, operation] of history.entries()) {
      const expected = scanning.apply(operation);
      for (const { structure, actor } of others) {
        const found = actor.apply(operation);
        if (found?.row === expected?.row) continue;
        const message =
          `step ${i} (${operation.kind}) chose ${rowText(found)} by ${structure}, ` +
          `but ${rowText(expected)} with all agents looked at`;
        return [{ promise: 'structure', message }];
      }
    }
  } catch (error) {
    return [{ promise: 'works', message: messageOf(error) }];
  }
  return [];
}

function rowText(change: { readonly row: number } | undefined): string {
  return change === undefined ? 'no row' : `row ${change.row}`;
}

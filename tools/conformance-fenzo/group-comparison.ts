/**
 * Compares the limit of a task's group, which both ask for before any host.
 */
import type { GoldenAssignment, GoldenFailure, GoldenTask } from './golden-types.ts';
import type { Comparison } from './placement-comparison.ts';
import { type GroupCase, isFirstTaskOfGroup, isLimitWithoutAsking, isSilentGroup, isZero } from './quirks.ts';
import { builtInAmounts } from './resource-units.ts';

/** @returns whether the fate of the task is decided for Fenzo, or hosts are to be asked */
export function groupVerdict(
  { scenario, world, memory, findings }: Comparison,
  task: GoldenTask,
  assignment: GoldenAssignment | undefined,
  failure: GoldenFailure | undefined,
): 'decided' | 'open' {
  const refusal = world.limits.refusal(task.group, builtInAmounts(task));
  const limit = scenario.config.resAllocs.get(task.group);
  const one: GroupCase = { task, limit, memory, used: world.limits.used(task.group) };
  if (assignment === undefined && failure === undefined) {
    findings.explain(
      'outcome',
      isSilentGroup(one) ? 'silentGroup' : undefined,
      `not reported by Fenzo, ${refusal === undefined ? 'tried' : 'refused'} by us`,
    );
    return 'decided';
  }
  const isRefused =
    failure?.hosts.some(
      ({ host, resources }) => host === '' && resources.some(({ resource }) => resource === 'ResAllocs'),
    ) === true;
  if (isRefused) {
    findings.failures++;
    if (limit !== undefined && isZero(limit) && !memory.seenGroups.has(task.group))
      memory.failedGroups.add(task.group);
    if (refusal !== undefined) findings.compare('groups', true, String);
    else {
      const quirk = isLimitWithoutAsking(one) ? 'limitWithoutAsking' : undefined;
      findings.explain('groups', quirk, `Fenzo refuses group ${task.group}, we do not`);
    }
    return 'decided';
  }
  if (refusal === undefined) findings.compare('groups', true, String);
  else {
    const quirk = isFirstTaskOfGroup(one) ? 'firstTaskOfGroup' : undefined;
    findings.explain('groups', quirk, `admitted by Fenzo; ${refusal.reason}`);
  }
  return 'open';
}

/** Why a task must not move from one job to another; where several reasons hold, any of them may be named. */
import type { JobErrorCode } from '../../src/errors.ts';
import type { TaskRef } from '../../src/model/task-record.ts';
import type { JobModel } from './job-model.ts';
import { isLive } from './model-task.ts';
import { canonical } from './spec-updates.ts';

export function moveRefusals(source: JobModel, target: JobModel, ref: TaskRef): readonly JobErrorCode[] {
  const codes: JobErrorCode[] = [];
  const task = source.named(ref);
  if (source.id === target.id) codes.push('SAME_JOB');
  if (task === undefined) codes.push('TASK_NOT_FOUND');
  else if (!isLive(task)) codes.push('TASK_TERMINATING');
  if (source.state !== 'accepted' || target.state !== 'accepted') codes.push('JOB_TERMINATING');
  const [from, to] = [source.spec, target.spec];
  if (from.kind === 'batch' || to.kind === 'batch') codes.push('NOT_A_SERVICE');
  else {
    if (from.capacity.desired <= from.capacity.min) codes.push('BELOW_MIN_CAPACITY');
    if (to.capacity.desired >= to.capacity.max) codes.push('ABOVE_MAX_CAPACITY');
  }
  if (canonical(compared(from)) !== canonical(compared(to))) codes.push('JOBS_NOT_COMPATIBLE');
  return codes;
}

/** What must be equal: the group that books it, and the container but for its environment and attributes. */
function compared({ capacityGroup, container }: JobModel['spec']): unknown {
  return { capacityGroup, ...container, environment: {}, attributes: {} };
}

/**
 * Why an event must be refused. Where several reasons hold, any of them may be named; an empty list means that the event
 * must be taken. `garbage` events are not looked at here: they are refused with any code.
 */
import type { JobErrorCode } from '../../src/errors.ts';
import type { JobEvent } from '../../src/machine/job-event.ts';
import type { TaskRef } from '../../src/model/task-record.ts';
import type { JobSpec } from '../../src/spec/job-spec.ts';
import { type ModelTask, stateOf } from './model-task.ts';
import { mergedCapacity } from './spec-updates.ts';
import { TASK_STATES } from '@stowage/protocol';

type Codes = readonly JobErrorCode[];

const AGENT_REASONS: readonly string[] = [
  'normal',
  'failed',
  'out-of-memory',
  'killed',
  'invalid-request',
  'unavailable',
  'timed-out',
  'local-system-error',
  'lost',
  'crashed',
  'transient-system-error',
];
const MOST_DESIRED = 10_000;

/** What of a job decides which events it refuses. */
interface RefusingJob {
  readonly state: 'accepted' | 'kill-initiated' | 'finished';
  readonly spec: JobSpec;
  named(ref: TaskRef): ModelTask | undefined;
}

export function refusalsOf(model: RefusingJob, event: JobEvent): Codes {
  if (model.state === 'finished') return ['JOB_TERMINATING'];
  const dying = model.state === 'kill-initiated';
  switch (event.kind) {
    case 'restored':
    case 'update-attributes':
      return [];
    case 'kill-job':
    case 'update-disruption-budget':
      return dying ? ['JOB_TERMINATING'] : [];
    case 'update-processes':
    case 'set-enabled':
      return [...(dying ? (['JOB_TERMINATING'] as const) : []), ...ofBatch(model)];
    case 'update-capacity':
      return [
        ...(dying ? (['JOB_TERMINATING'] as const) : []),
        ...ofBatch(model),
        ...capacityRefusals(model, event.capacity),
      ];
    case 'kill-task':
      return dying ? ['JOB_TERMINATING'] : withTask(model, event.task, (task) => ofKill(model, task, event));
    case 'evict-task':
      if (dying) return ['JOB_TERMINATING', 'TASK_NOT_FOUND', 'TASK_NOT_STARTED', 'TASK_TERMINATING'];
      return withTask(model, event.task, (task) => (stateOf(task) === 'started' ? [] : ['TASK_NOT_STARTED']));
    case 'placed':
      return withTask(model, event.task, (task) => (stateOf(task) === 'accepted' ? [] : ['STALE_STATUS']));
    case 'task-status': {
      if (event.state === 'finished' && !AGENT_REASONS.includes(event.reason!)) return ['INVALID_EVENT'];
      return withTask(model, event.task, (task) => ofStatus(task, event.state));
    }
    case 'wake':
      return withTask(model, event.task, () => []);
  }
}

function withTask(model: RefusingJob, ref: TaskRef, check: (task: ModelTask) => Codes): Codes {
  const task = model.named(ref);
  return task === undefined ? ['TASK_NOT_FOUND'] : check(task);
}

function ofBatch(model: RefusingJob): Codes {
  return model.spec.kind === 'batch' ? ['NOT_A_SERVICE'] : [];
}

function capacityRefusals(model: RefusingJob, asked: object): Codes {
  const { spec } = model;
  if (spec.kind === 'batch') return [];
  const { min, desired, max } = mergedCapacity(spec.capacity, asked);
  const locked =
    desired > spec.capacity.desired
      ? spec.processes.disableIncreaseDesired
      : desired < spec.capacity.desired && spec.processes.disableDecreaseDesired;
  const valid = 0 <= min && min <= desired && desired <= max && max <= MOST_DESIRED;
  return [
    ...(valid ? [] : (['INVALID_CAPACITY'] as const)),
    ...(locked ? (['CAPACITY_LOCKED'] as const) : []),
  ];
}

function ofKill(
  { spec }: RefusingJob,
  task: ModelTask,
  { shrink, preventMinSizeUpdate }: { shrink?: boolean; preventMinSizeUpdate?: boolean },
): Codes {
  const codes: JobErrorCode[] = [];
  if (stateOf(task) === 'kill-initiated' || stateOf(task) === 'finished') codes.push('TASK_TERMINATING');
  if (shrink !== true) return codes;
  if (spec.kind === 'batch') codes.push('NOT_A_SERVICE');
  else if (preventMinSizeUpdate === true && spec.capacity.desired <= spec.capacity.min) {
    codes.push('SHRINK_BELOW_MIN');
  }
  return codes;
}

/** Only forward, and an agent speaks only of what was placed. */
function ofStatus(task: ModelTask, said: ModelTask['transitions'][number]['state']): Codes {
  const state = stateOf(task);
  if (said !== 'start-initiated' && said !== 'started' && said !== 'finished') return ['STALE_STATUS'];
  if (state === 'accepted') return ['ILLEGAL_TRANSITION'];
  return TASK_STATES.indexOf(said) > TASK_STATES.indexOf(state) ? [] : ['STALE_STATUS'];
}

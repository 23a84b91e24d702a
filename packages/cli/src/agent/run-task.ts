/**
 * Runs one task on an agent and shows it: what the task writes goes to the stream it was written to, states go to
 * standard error; with `--json` both are lines of JSON on standard output.
 */
import type { LogChunk, TaskRuntime, TaskSpec, TaskStatus } from '@stowage/protocol';
import { messageOf } from '../cli-errors.ts';
import type { Session } from '../session.ts';
import { textStyle, type TextStyle } from '../text-style.ts';
import type { Interrupts } from './interrupts.ts';

/** What the agent could not even run, as in other container tools. */
export const NOT_RUN = 125;

/**
 * The first Ctrl-C, SIGTERM or SIGHUP asks the task to end, the second ends it. Nobody reading its output any more is
 * like the first, as a process in a pipe would end.
 * @returns the exit code of the task, or `NOT_RUN`
 */
export async function runTask(
  runtime: TaskRuntime,
  spec: TaskSpec,
  json: boolean,
  { stdout, stderr, context }: Session,
  interrupts: Pick<Interrupts, 'times' | 'onEach'>,
): Promise<number> {
  const style = textStyle(stderr.stream, context.env);
  if (interrupts.times > 0) return NOT_RUN;
  await runtime.launch(spec);
  let isUnread = false;
  interrupts.onEach((times) => kill(times > 1 ? { graceMs: 0 } : {}));

  const logs = showLogs().catch(complain);
  for await (const status of runtime.statuses()) {
    if (status.taskId !== spec.taskId) continue;
    // What the task has written belongs before its end.
    if (status.state === 'finished') await logs;
    if (json) stdout.write(`${JSON.stringify({ type: 'status', ...status })}\n`);
    else stderr.write(`${statusText(status, style)}\n`);
    if (status.state === 'finished') return status.exitCode ?? NOT_RUN;
  }
  return NOT_RUN;

  async function showLogs(): Promise<void> {
    for await (const chunk of runtime.logs(spec.taskId, { follow: true })) {
      await showChunk(chunk);
      if (!stdout.closed || isUnread) continue;
      isUnread = true;
      kill({});
    }
  }

  async function showChunk(chunk: LogChunk): Promise<void> {
    const output = json || chunk.stream === 'stdout' ? stdout : stderr;
    output.write(json ? `${JSON.stringify({ type: 'log', taskId: spec.taskId, ...chunk })}\n` : chunk.text);
    await output.drained();
  }

  function kill(options: { readonly graceMs?: number }): void {
    runtime.kill(spec.taskId, options).catch(complain);
  }

  function complain(error: unknown): void {
    stderr.write(`${messageOf(error)}\n`);
  }
}

function statusText({ state, reason, exitCode, address, message }: TaskStatus, style: TextStyle): string {
  const facts = [
    reason,
    exitCode !== undefined && `exit code ${exitCode}`,
    address !== undefined && `address ${address}`,
  ].filter((fact) => typeof fact === 'string');
  const label = state === 'finished' && reason !== 'normal' ? style.bad(state) : style.bold(state);
  return `${label}${facts.length > 0 ? ` (${facts.join(', ')})` : ''} ${style.dim(message)}`;
}

/**
 * Runs a command in a container by the engine's exec, which takes user, folder, variables, limits, capabilities and
 * filter from the container. The engine keeps what becomes of it, so an answer that was cut is no loss but of output.
 *
 * The API cannot end a command. Its process is on this host, and is ended as such; where the engine does not tell which
 * it is, the end of the container ends it, which follows an abort.
 */
import type { CommandEnd } from '../contract/container-backend.ts';
import { OutputTail } from '../contract/output-tail.ts';
import { endGroupInContainer } from '../contract/process-group.ts';
import type { EngineCalls } from './engine-calls.ts';
import { hasStatus, isConnectionFailure } from './engine-error.ts';
import type { EngineContainer } from './engine-types.ts';
import type { Sleep } from './sleep.ts';

const END_POLL_MS = 50;
/** From an order that was broken off until the engine has certainly carried it out, or never will. */
const ABORT_POLLS = 40;
const ABORT_ANSWER_MS = 5_000;

/** @throws EngineError when the engine did not run it; `signal.reason` */
export async function runInContainer(
  engine: EngineCalls,
  container: EngineContainer,
  args: readonly string[],
  sleep: Sleep,
  signal: AbortSignal,
): Promise<CommandEnd> {
  const execId = await engine.createExec(container.Id, args, signal);
  const output = new OutputTail();
  let failure: Error | undefined;
  try {
    try {
      for await (const { bytes } of engine.startExec(execId, signal)) output.add(bytes);
    } catch (error) {
      signal.throwIfAborted();
      // A request that was sent twice finds the command already running.
      if (!isConnectionFailure(error) && !hasStatus(error, 409)) throw error;
      failure = error as Error;
    }
    for (;;) {
      const { Running, ExitCode } = await engine.inspectExec(execId, signal);
      if (!Running && typeof ExitCode === 'number') return { exitCode: ExitCode, output: output.text };
      if (!Running && failure !== undefined) throw failure;
      await sleep(END_POLL_MS, signal);
    }
  } catch (error) {
    if (signal.aborted) await end(engine, execId, container, sleep);
    throw error;
  }
}

async function end(
  engine: EngineCalls,
  execId: string,
  container: EngineContainer,
  sleep: Sleep,
): Promise<void> {
  try {
    for (let poll = 0; poll < ABORT_POLLS; poll += 1) {
      const { Running, ExitCode, Pid } = await engine.inspectExec(
        execId,
        AbortSignal.timeout(ABORT_ANSWER_MS),
      );
      if (!Running && typeof ExitCode === 'number') return;
      if (Running && Pid > 0) await endGroupInContainer(Pid, container.State.Pid);
      await sleep(END_POLL_MS);
    }
  } catch {
    // The engine does not answer, or has forgotten it: the container's end is its end.
  }
}

/**
 * Drives an agent process, kills it with SIGKILL whenever the test says so, and starts it anew on the same state. Keeps
 * what a control plane would keep: the last sequence and all statuses, held to the contract one by one.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { TASK_STATES, type TaskSpec, type TaskStatus } from '@stowage/protocol';
import { expect } from 'vitest';
import type { AgentSetup } from '../../src/index.ts';
import type { Order, Word } from './agent-process.ts';

const script = fileURLToPath(new URL('agent-process.ts', import.meta.url));

export class AgentUnderFire {
  readonly statuses: TaskStatus[] = [];
  readonly #setup: AgentSetup;
  readonly #open = new Map<string, Order>();
  #child: ChildProcess | undefined;
  #wake: () => void = () => undefined;
  #changed = new Promise<void>((resolve) => (this.#wake = resolve));

  constructor(setup: AgentSetup) {
    this.#setup = setup;
  }

  /** Resolves when the agent has opened, or has been killed before. */
  async start(): Promise<void> {
    const args = ['--conditions=@stowage/source', '--import', 'tsx', script];
    const child = spawn(
      process.execPath,
      [...args, JSON.stringify(this.#setup), String(this.statuses.length)],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    this.#child = child;
    child.stdin.on('error', () => undefined);
    const opened = new Promise<void>((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const word = JSON.parse(line) as Word;
        if (word.kind === 'open') resolve();
        this.#hear(word);
      });
    });
    await Promise.race([opened, once(child, 'exit')]);
    // Orders that no agent has confirmed are given again, as a control plane would.
    for (const order of this.#open.values()) this.#send(order);
  }

  launch(spec: TaskSpec): void {
    this.#give(`launch ${spec.taskId}`, { launch: spec });
  }

  kill(taskId: string): void {
    this.#give(`kill ${taskId}`, { kill: taskId });
  }

  /** SIGKILL; resolves when the process is gone. */
  async strike(): Promise<void> {
    const child = this.#child!;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'close');
    child.kill('SIGKILL');
    await gone;
  }

  statesOf(taskId: string): string[] {
    return this.statuses.filter((status) => status.taskId === taskId).map(({ state }) => state);
  }

  /** @throws Error with what is missing after `patienceMs` */
  async until(what: string, holds: () => boolean, patienceMs = 60_000): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while (!holds()) {
      if (Date.now() > deadline) throw new Error(`not in ${patienceMs} ms: ${what}`);
      await Promise.race([this.#changed, new Promise((resolve) => setTimeout(resolve, 200))]);
    }
  }

  #give(key: string, order: Order): void {
    this.#open.set(key, order);
    this.#send(order);
  }

  #send(order: Order): void {
    this.#child?.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  #hear(word: Word): void {
    if (word.kind === 'status') this.#take(word.status);
    else if (word.kind === 'done') this.#open.delete(keyOf(word.order));
    else if (word.kind === 'failed') throw new Error(`${JSON.stringify(word.order)} failed: ${word.message}`);
    this.#wake();
    this.#changed = new Promise((resolve) => (this.#wake = resolve));
  }

  #take(status: TaskStatus): void {
    const earlier = this.statesOf(status.taskId);
    expect(status.sequence, 'no status is lost or said twice').toBe(this.statuses.length + 1);
    const order = (state: string): number => TASK_STATES.findIndex((each) => each === state);
    expect(order(status.state), `${status.taskId} after ${earlier.join()}`).toBeGreaterThan(
      earlier.length === 0 ? -1 : order(earlier.at(-1)!),
    );
    this.statuses.push(status);
  }
}

function keyOf(order: Order): string {
  return 'launch' in order ? `launch ${order.launch.taskId}` : `kill ${order.kill}`;
}

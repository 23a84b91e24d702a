/**
 * HiGHS in a thread of its own: the solver is WebAssembly that blocks its thread until it is done, and an agent must go
 * on serving meanwhile. The thread starts with a program, in about 0.1 s, and ends when there has been none for a
 * while, as it holds more than 50 MiB; also when it is overdue. Its code is a text, so that it works alike from
 * sources, from a bundle, and in CommonJS.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { type Clock, SYSTEM_CLOCK } from '../host/clock.ts';

export interface MipOptions {
  /** The solver stops then with the best it has found. */
  readonly timeLimitMs: number;
  /** It stops when it is proven that nothing is better by more than this part of the objective. */
  readonly relativeGap: number;
  /** The same in units of the objective. */
  readonly absoluteGap: number;
}

export interface MipSolution {
  /** Of HiGHS, such as `Optimal` or `Time limit reached`. */
  readonly status: string;
  /** By variable; empty when nothing was found. */
  readonly values: Readonly<Record<string, number>>;
}

export interface MipSolver {
  /** @param program - in the CPLEX LP format */
  solve(program: string, options: MipOptions): Promise<MipSolution>;
  close(): Promise<void>;
}

/** Loading the solver takes time too, and a time limit is looked at between steps of the solver only. */
const START_AND_LATENESS_MS = 5000;

const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const highs = require(workerData.solver)();
parentPort.on('message', async ({ program, options }) => {
  try {
    const { Status, Columns } = (await highs).solve(program, options);
    const values = {};
    for (const [name, { Primal }] of Object.entries(Columns)) if (Primal) values[name] = Primal;
    parentPort.postMessage({ status: Status, values });
  } catch (error) {
    parentPort.postMessage({ failure: String(error) });
  }
});
`;

type Answer = MipSolution | { readonly failure: string };

const IDLE_MS = 2000;

export class HighsSolver implements MipSolver {
  readonly #clock: Pick<Clock, 'schedule'>;
  #thread: Worker | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #keepThread: () => void = () => undefined;

  constructor(clock: Pick<Clock, 'schedule'> = SYSTEM_CLOCK) {
    this.#clock = clock;
  }

  /** Whether the thread is there. */
  get running(): boolean {
    return this.#thread !== undefined;
  }

  /** Programs are solved one after the other. Rejects when the solver fails, or is far beyond its time limit. */
  solve(program: string, options: MipOptions): Promise<MipSolution> {
    const answer = this.#turn.then(() => this.#ask(program, options));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  /** What is under way rejects. The next program starts a thread again. */
  async close(): Promise<void> {
    this.#keepThread();
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.terminate();
  }

  async #ask(program: string, options: MipOptions): Promise<MipSolution> {
    this.#keepThread();
    const thread = (this.#thread ??= this.#start());
    try {
      const answer = await this.#answerOf(thread, program, options);
      if ('failure' in answer) throw new Error(`The solver failed: ${answer.failure}`);
      this.#keepThread = this.#clock.schedule(IDLE_MS, () => void this.close());
      return answer;
    } catch (error) {
      // WebAssembly that has aborted is of no use any more, nor is a thread that does not answer.
      if (this.#thread === thread) await this.close();
      throw error;
    }
  }

  #answerOf(
    thread: Worker,
    program: string,
    { timeLimitMs, relativeGap, absoluteGap }: MipOptions,
  ): Promise<Answer> {
    const limitMs = timeLimitMs + START_AND_LATENESS_MS;
    return new Promise<Answer>((resolve, reject) => {
      const settle = (how: () => void): void => {
        callOff();
        thread.off('message', onMessage).off('error', onError).off('exit', onExit).unref();
        how();
      };
      const onMessage = (message: Answer): void => settle(() => resolve(message));
      const onError = (error: Error): void => settle(() => reject(error));
      const onExit = (): void => settle(() => reject(new Error('The thread of the solver has ended.')));
      const callOff = this.#clock.schedule(limitMs, () =>
        settle(() => reject(new Error(`The solver did not stop within ${limitMs} ms.`))),
      );
      thread.once('message', onMessage).once('error', onError).once('exit', onExit).ref();
      thread.postMessage({
        program,
        options: {
          output_flag: false,
          time_limit: timeLimitMs / 1000,
          mip_rel_gap: relativeGap,
          mip_abs_gap: absoluteGap,
        },
      });
    });
  }

  #start(): Worker {
    const here = typeof __filename === 'string' ? __filename : import.meta.url;
    const thread = new Worker(THREAD, {
      eval: true,
      workerData: { solver: createRequire(here).resolve('highs') },
      // What the process was started with, such as loaders, is of no use there.
      execArgv: [],
    });
    thread.unref();
    const forget = (): void => {
      if (this.#thread === thread) this.#thread = undefined;
    };
    // Also between two programs, when nobody waits: an error without a listener would end the process.
    return thread.on('error', forget).on('exit', forget);
  }
}

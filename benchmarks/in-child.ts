/**
 * Runs one measurement in a process of its own and waits for it. The process gets the options of this one, so that
 * both collect garbage by the same rules.
 */
import { fork } from 'node:child_process';
import type { ChildMessage } from './child.ts';
import type { AnyFigure, Measurement } from './figures.ts';

/** Beside this program in the bundle, see `start.mjs`. */
const CHILD = new URL('./child.mjs', import.meta.url);

/**
 * Interfaces that make objects allocate so much that V8 would collect while bytes are counted, were its new space not
 * as large from the start as it soon becomes.
 */
const GROWN_NEW_SPACE = '--min-semi-space-size=16';

/** @throws Error when the process ends without figures; it has printed why */
export async function inChild(
  measurement: Measurement,
  onProgress: (text: string) => void = () => {},
): Promise<readonly AnyFigure[]> {
  const execArgv = measurement.part === 'object' ? [...process.execArgv, GROWN_NEW_SPACE] : process.execArgv;
  const child = fork(CHILD, [JSON.stringify(measurement)], { execArgv, stdio: ['ignore', 2, 2, 'ipc'] });
  return new Promise((resolve, reject) => {
    let figures: readonly AnyFigure[] | undefined;
    child.on('message', (message: ChildMessage) => {
      if ('progress' in message) onProgress(message.progress);
      else figures = message.figures;
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (figures !== undefined && code === 0) resolve(figures);
      else reject(new Error(`the process ended with ${signal ?? `code ${code}`} and without figures`));
    });
  });
}

/** Several observers of one agent. */
import { afterEach, expect, test, vi } from 'vitest';
import { safeObserver } from '../../src/agent/agent-observer.ts';

afterEach(() => void vi.restoreAllMocks());

test('each is told in turn, as itself, and one that throws keeps nothing from the others', () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const told: unknown[] = [];
  const second = {
    name: 'second',
    troubled(what: string, error: unknown) {
      told.push([this.name, what, error]);
    },
  };
  const failing = {
    troubled: () => {
      throw new Error('no room for logs');
    },
  };

  safeObserver(failing, {}, second).troubled('pre-stop of task a', 'exit code 3');

  expect(told).toEqual([['second', 'pre-stop of task a', 'exit code 3']]);
  expect(warned).toHaveBeenCalledOnce();
});

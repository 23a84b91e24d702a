/** Every door of the service refuses bad input with a code and changes nothing. */
import { describe, expect, test } from 'vitest';
import { CONTROL_PLANE_ERRORS, SchedulingService } from '../src/index.ts';
import { codeOf, setUp } from './service-set-up.ts';

describe('bad input', () => {
  const { scheduler, queue, service } = setUp();
  const cases: [code: string, what: string, action: () => unknown][] = [
    ['INVALID_SERVICE_OPTION', 'no options', () => new SchedulingService(undefined as never)],
    ['INVALID_SERVICE_OPTION', 'no scheduler', () => new SchedulingService({ queue } as never)],
    ['INVALID_SERVICE_OPTION', 'no queue', () => new SchedulingService({ scheduler } as never)],
    ['INVALID_SERVICE_OPTION', 'delay NaN', () => new SchedulingService({ scheduler, queue, delayMs: NaN })],
    ['INVALID_SERVICE_OPTION', 'batch 0', () => new SchedulingService({ scheduler, queue, batchSize: 0 })],
    [
      'INVALID_SERVICE_OPTION',
      'longest delay below delay',
      () => new SchedulingService({ scheduler, queue, delayMs: 100, maxDelayMs: 50 }),
    ],
    ['INVALID_SERVICE_OPTION', 'offers without a pool', () => service.addOffers([])],
    ['INVALID_SERVICE_TASK', 'no task', () => service.submit(null as never)],
    ['INVALID_SERVICE_TASK', 'no resources', () => service.submit({ id: 'x' } as never)],
    ['UNKNOWN_QUEUED_TASK', 'remove of an unknown task', () => service.remove('x')],
    ['UNKNOWN_QUEUED_TASK', 'retry of an unknown task', () => service.retry('x')],
    ['UNKNOWN_TASK', 'start of an unknown task', () => service.started('x')],
  ];
  test.each(cases)('%s: %s', (code, _, action) => {
    expect(codeOf(action)).toBe(code);
    expect(queue.size).toBe(0);
  });

  test('every code of the package is provoked here or in scheduling-service.test.ts', () => {
    const elsewhere = ['HOOK_FAILED', 'CYCLE_FAILED', 'SERVICE_IN_CYCLE'];
    expect([...new Set([...cases.map(([code]) => code), ...elsewhere])]).toEqual(
      expect.arrayContaining(Object.keys(CONTROL_PLANE_ERRORS)),
    );
  });
});

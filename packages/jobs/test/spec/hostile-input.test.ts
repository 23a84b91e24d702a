/** Input that is no plain data: it is refused at its path, no code of it runs, and nothing is thrown. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import type { JobSpec } from '../../src/spec/job-spec.ts';
import { sanitizeJobSpec } from '../../src/spec/sanitize-job-spec.ts';
import { codesOf, fullBatch, leastBatch, leastService, specOf, withField } from './specs.ts';

const thrower = (): never => {
  throw new Error('code of the input ran');
};
const throwing: ProxyHandler<object> = {
  get: thrower,
  getPrototypeOf: thrower,
  ownKeys: thrower,
  getOwnPropertyDescriptor: thrower,
};

function cyclic(): unknown {
  const container: Record<string, unknown> = { ...(leastBatch.container as object) };
  container.environment = container;
  return { ...leastBatch, container };
}

function withAccessor(name: string): unknown {
  return Object.defineProperty({ ...leastBatch }, name, { get: thrower, enumerable: true });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  return proxy;
}

class Attributes {
  a = 'b';
}

test.each<[string, unknown, Record<string, string>]>([
  ['undefined', undefined, { '': 'REQUIRED' }],
  ['null', null, { '': 'WRONG_TYPE' }],
  ['a list', [leastBatch], { '': 'WRONG_TYPE' }],
  ['a text', JSON.stringify(leastBatch), { '': 'WRONG_TYPE' }],
  ['a function', thrower, { '': 'NOT_DATA' }],
  ['a symbol', Symbol('x'), { '': 'NOT_DATA' }],
  ['a big integer', 1n, { '': 'NOT_DATA' }],
  ['a proxy that throws', new Proxy({}, throwing), { '': 'NOT_DATA' }],
  ['a revoked proxy', revoked(), { '': 'NOT_DATA' }],
  ['an accessor', withAccessor('size'), { size: 'NOT_DATA' }],
  ['an accessor of an unknown field', withAccessor('x'), { x: 'NOT_DATA' }],
  ['a method', { ...leastBatch, toJSON: thrower }, { toJSON: 'NOT_DATA' }],
  ['a big integer as a number', { ...leastBatch, size: 1n }, { size: 'NOT_DATA' }],
  [
    'an object with methods for a number',
    { ...leastBatch, size: { valueOf: thrower } },
    { size: 'WRONG_TYPE', 'size.valueOf': 'NOT_DATA' },
  ],
  ['an instance of a class', { ...leastBatch, attributes: new Attributes() }, { attributes: 'NOT_DATA' }],
  ['a map', { ...leastBatch, attributes: new Map([['a', 'b']]) }, { attributes: 'NOT_DATA' }],
  ['a date', { ...leastBatch, runtimeLimitMs: new Date() }, { runtimeLimitMs: 'NOT_DATA' }],
  ['a boxed text', { ...leastBatch, applicationName: Object('app') }, { applicationName: 'NOT_DATA' }],
  [
    'a list with a hole',
    withField(leastBatch, 'container.command', Object.assign(new Array(2), { 1: 'a' })),
    { 'container.command[0]': 'REQUIRED' },
  ],
  ['a field named by a symbol', { ...leastBatch, [Symbol('x')]: 1 }, { '["Symbol()"]': 'NOT_DATA' }],
  [
    'a prototype as a field',
    { ...leastBatch, attributes: JSON.parse('{"__proto__":"a"}') },
    { 'attributes.__proto__': 'NOT_DATA' },
  ],
  [
    'a prototype as a variable',
    withField(leastBatch, 'container.environment', JSON.parse('{"__proto__":"a"}')),
    { 'container.environment.__proto__': 'NOT_DATA' },
  ],
  ['an object within itself', cyclic(), { 'container.environment': 'NOT_DATA' }],
  [
    'a list of four billion',
    withField(leastBatch, 'container.command', new Array(2 ** 32 - 1)),
    { '': 'TOO_LARGE' },
  ],
  ['a text of ten million', { ...leastBatch, applicationName: 'a'.repeat(1e7) }, { '': 'TOO_LARGE' }],
])('%s is refused', (_, input, codes) => {
  const found = codesOf(input);
  expect(found).toEqual(codes);
});

test('of lists and maps that are too large only that is told, so that an answer is never much larger than a spec', () => {
  const many = Array.from({ length: 3_000 }, () => 'x');
  const spec = {
    ...withField(leastBatch, 'container.securityGroups', many),
    attributes: Object.fromEntries(many.map((value, index) => [`${index} ${value}`, value])),
  };
  expect(codesOf(spec)).toEqual({ attributes: 'TOO_LARGE', 'container.securityGroups': 'TOO_LARGE' });
});

test('a value that is shared is copied each time, and one without prototype is data', () => {
  const shared = Object.assign(Object.create(null) as object, { a: 'b' });
  const spec = specOf({ ...withField(leastBatch, 'container.attributes', shared), attributes: shared });
  expect(spec.attributes).toStrictEqual({ a: 'b' });
  expect(spec.container.attributes).not.toBe(spec.attributes);
});

test('what is inherited or not enumerable does not count', () => {
  const attributes = Object.defineProperty({ a: 'b' }, 'hidden', { value: 'c', enumerable: false });
  expect(specOf({ ...leastBatch, attributes }).attributes).toStrictEqual({ a: 'b' });
});

test('-0 becomes 0, as JSON has it', () => {
  const { retries } = specOf(withField(leastBatch, 'retryPolicy.retries', -0)).retryPolicy;
  expect(Object.is(retries, 0)).toBe(true);
});

test.each([leastBatch, leastService, fullBatch])(
  'the result shares nothing with the input and is JSON (%#)',
  (input) => {
    const spec = specOf(input);
    const objects = new Set<unknown>();
    const collect = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      objects.add(value);
      Object.values(value).forEach(collect);
    };
    collect(input);
    const shared = (value: unknown): boolean =>
      typeof value === 'object' &&
      value !== null &&
      (objects.has(value) || Object.values(value).some(shared));
    expect(shared(spec)).toBe(false);
    expect(JSON.parse(JSON.stringify(spec)) as JobSpec).toStrictEqual(spec);
  },
);

test('two results share nothing with each other', () => {
  const [one, two] = [specOf(leastService), specOf(leastService)];
  expect(one.disruptionBudget).not.toBe(two.disruptionBudget);
  expect(one.container.environment).not.toBe(two.container.environment);
  expect(one.disruptionBudget.timeWindows).not.toBe(two.disruptionBudget.timeWindows);
});

test('settings that another user of the schema library makes for all have no effect', async () => {
  const { setGlobalConfig, deleteGlobalConfig, setGlobalMessage, deleteGlobalMessage } =
    await import('valibot');
  const wrong = { ...leastBatch, size: 0, runtimeLimitMs: 'x', applicationName: 1 };
  const before = sanitizeJobSpec(wrong);
  setGlobalConfig({ abortEarly: true, abortPipeEarly: true });
  setGlobalMessage('wrong');
  try {
    expect(sanitizeJobSpec(wrong)).toEqual(before);
  } finally {
    deleteGlobalConfig();
    deleteGlobalMessage();
  }
});

test('nothing is evaluated: it all works where making code from text is forbidden', () => {
  const script = `
    import { sanitizeJobSpec } from ${JSON.stringify(new URL('../../src/spec/sanitize-job-spec.ts', import.meta.url).href)};
    const forbidden = [() => new Function('return 1'), () => (0, eval)('1')].map((make) => {
      try { make(); return false; } catch (error) { return error instanceof EvalError; }
    });
    const [good, bad] = JSON.parse(process.argv[1]);
    console.log(JSON.stringify([forbidden, sanitizeJobSpec(good).ok, sanitizeJobSpec(bad).ok]));`;
  const tsx = createRequire(import.meta.url).resolve('tsx');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...['--disallow-code-generation-from-strings', '--conditions=@stowage/source', '--import', tsx],
      ...['--input-type=module', '--eval', script, JSON.stringify([fullBatch, { ...fullBatch, kind: 1 }])],
    ],
    { encoding: 'utf8', cwd: import.meta.dirname },
  );
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual([[true, true], true, false]);
});

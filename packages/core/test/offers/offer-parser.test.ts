import { describe, expect, test } from 'vitest';
import {
  defaultResourceName,
  type Offer,
  type OfferedResource,
  OfferPool,
  type OfferPoolOptions,
  type PartIdentity,
  StowageError,
} from '../../src/index.ts';
import { partKey } from '../../src/offers/part-identity.ts';
import { newScheduler, offer, task } from './offers.ts';

const cpu = (amount: number, more: object = {}): OfferedResource => ({
  name: 'cpu',
  kind: 'scalar',
  amount,
  ...more,
});
const good = offer('good', 'a', { cpu: 1 });

function addOne(given: unknown, options: OfferPoolOptions = {}) {
  const scheduler = newScheduler();
  const pool = new OfferPool(scheduler, options);
  return { scheduler, pool, ...pool.add([given as Offer], 0) };
}

/** Free cores of agent `a`. */
function freeOf(scheduler: ReturnType<typeof newScheduler>, resource: string): number {
  return scheduler.engine.cluster.free(resource)[0];
}

describe('malformed offers', () => {
  const withResources = (...resources: unknown[]) => ({ ...good, resources });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'offer'],
    ['a list', [good]],
    ['no id', { ...good, id: undefined }],
    ['an empty id', { ...good, id: '' }],
    ['no agent', { ...good, agent: undefined }],
    ['an agent that is a number', { ...good, agent: 7 }],
    ['no time', { ...good, offeredAtMs: undefined }],
    ['NaN as time', { ...good, offeredAtMs: Number.NaN }],
    ['an infinite time', { ...good, offeredAtMs: Infinity }],
    ['no resources', { ...good, resources: undefined }],
    ['resources that are no list', { ...good, resources: { cpu: 1 } }],
    ['a resource that is null', withResources(null)],
    ['a resource without name', withResources({ kind: 'scalar', amount: 1 })],
    ['a resource of unknown kind', withResources({ name: 'cpu', kind: 'vector', amount: 1 })],
    ['NaN as amount', withResources(cpu(Number.NaN))],
    ['a negative amount', withResources(cpu(-1))],
    ['an infinite amount', withResources(cpu(Infinity))],
    ['an amount that is a text', withResources(cpu('4' as unknown as number))],
    ['no amount', withResources({ name: 'cpu', kind: 'scalar' })],
    [
      'NaN as amount of a resource nobody uses',
      withResources({ name: 'x', kind: 'scalar', amount: Number.NaN }),
    ],
    ['a range with begin > end', withResources({ name: 'ports', kind: 'ranges', ranges: [[2, 1]] })],
    ['a negative range', withResources({ name: 'ports', kind: 'ranges', ranges: [[-2, 1]] })],
    ['a range with NaN', withResources({ name: 'ports', kind: 'ranges', ranges: [[Number.NaN, 1]] })],
    ['a range of fractions', withResources({ name: 'ports', kind: 'ranges', ranges: [[0.5, 1]] })],
    ['a range beyond 2^53', withResources({ name: 'ports', kind: 'ranges', ranges: [[0, 2 ** 54]] })],
    ['no ranges', withResources({ name: 'ports', kind: 'ranges' })],
    ['an item that is no text', withResources({ name: 'device', kind: 'set', items: [1] })],
    ['no items', withResources({ name: 'device', kind: 'set' })],
    ['an empty role', withResources(cpu(1, { role: '' }))],
    ['a role that is null', withResources(cpu(1, { role: null }))],
    ['an empty reservation', withResources(cpu(1, { reservation: '' }))],
    ['an empty source', withResources(cpu(1, { source: '' }))],
    ['attributes that are no object', { ...good, attributes: 'zone' }],
    ['an attribute that is no text', { ...good, attributes: { zone: 1 } }],
    ['an attribute whose key begins with NUL', { ...good, attributes: { '\0zone': 'a' } }],
  ])('%s: refused with INVALID_OFFER, the agent stays unknown', (_, given) => {
    const { scheduler, accepted, refused, pool } = addOne(given);
    expect(accepted).toEqual([]);
    expect(refused).toHaveLength(1);
    expect(refused[0].offer).toBe(given);
    expect(refused[0].error).toBeInstanceOf(StowageError);
    expect(refused[0].error.code).toBe('INVALID_OFFER');
    expect(scheduler.agents()).toEqual([]);
    expect(pool.counts).toEqual({ held: 0, handedOver: 0, givenBack: 0, rescinded: 0, refused: 1 });
  });

  test('one malformed offer leaves the others of the call alone', () => {
    const scheduler = newScheduler();
    const pool = new OfferPool(scheduler);
    const bad = { ...good, id: 'bad', resources: [cpu(Number.NaN)] };
    const { accepted, refused } = pool.add([bad, good], 0);
    expect(accepted).toEqual([good]);
    expect(refused.map((one) => one.offer)).toEqual([bad]);
  });

  test('more than the engine can count is refused with QUANTITY_OVERFLOW', () => {
    expect(addOne({ ...good, resources: [cpu(2 ** 31)] }).refused[0].error.code).toBe('QUANTITY_OVERFLOW');
    const huge: OfferedResource = { name: 'ports', kind: 'ranges', ranges: [[0, Number.MAX_SAFE_INTEGER]] };
    expect(addOne({ ...good, resources: [huge] }).refused[0].error.code).toBe('QUANTITY_OVERFLOW');
    const scheduler = newScheduler();
    const pool = new OfferPool(scheduler);
    const most = (2 ** 31 - 1) / 1000;
    pool.add([offer('first', 'a', { cpu: most })], 0);
    const { refused } = pool.add([offer('second', 'a', { cpu: 0.001 })], 0);
    expect(refused[0].error.code).toBe('QUANTITY_OVERFLOW');
    expect(freeOf(scheduler, 'cpu')).toBe(2 ** 31 - 1);
  });

  test('the whole call is refused when it is no list or has no time', () => {
    const pool = new OfferPool(newScheduler());
    expect(() => pool.add({} as Offer[], 0)).toThrow('INVALID_SPEC');
    for (const nowMs of [Number.NaN, Infinity, undefined as unknown as number])
      expect(() => pool.add([good], nowMs)).toThrow('INVALID_SPEC');
    expect(pool.counts.held).toBe(0);
  });
});

describe('roles', () => {
  test('UNKNOWN_ROLE: what is reserved for somebody else is refused as a whole, the other offers stand', () => {
    const pool = new OfferPool(newScheduler(), { roles: ['web'] });
    const mixed = offer('mixed', 'a', { cpu: 1, more: [cpu(1, { role: 'ads' })] });
    const own = offer('own', 'a', { cpu: 1, more: [cpu(1, { role: 'web' })] });
    const { accepted, refused } = pool.add([mixed, own], 0);
    expect(accepted).toEqual([own]);
    expect(refused.map(({ offer: { id }, error }) => [id, error.code])).toEqual([['mixed', 'UNKNOWN_ROLE']]);
  });

  test('a framework in eng/web may use what is reserved for eng, not for en or eng/web/a', () => {
    const codes = ['eng', 'eng/web', 'en', 'eng/web/a', 'web'].map((role) => {
      const { refused } = addOne({ ...good, resources: [cpu(1, { role })] }, { roles: ['eng/web'] });
      return refused[0]?.error.code;
    });
    expect(codes).toEqual([undefined, undefined, 'UNKNOWN_ROLE', 'UNKNOWN_ROLE', 'UNKNOWN_ROLE']);
  });

  test.each([
    { roles: 'web' as unknown as string[] },
    { roles: [''] },
    { resourceFor: 7 as unknown as () => string },
    { describeAgent: {} as unknown as () => object },
    { maxAgeMs: -1 },
    { maxAgeMs: Number.NaN },
    { maxAgentsPerWindow: 0.5 },
    { maxAgentsPerWindow: -1 },
    { windowMs: 0 },
    { rescindMemoryMs: 0 },
    { rescindMemorySize: 0 },
  ])('the options %j are refused with INVALID_SPEC', (options) => {
    expect(() => new OfferPool(newScheduler(), options)).toThrow('INVALID_SPEC');
  });
});

describe('identity of parts', () => {
  test('parts of equal identity add up, others stay apart', () => {
    const { scheduler, unusable } = addOne(
      offer('o', 'a', {
        cpu: 0.7,
        more: [cpu(0.1), cpu(2, { role: 'web' }), cpu(1, { role: 'web', reservation: 'r1' })],
      }),
      { roles: ['web'] },
    );
    expect(freeOf(scheduler, 'cpu')).toBe(800);
    expect(freeOf(scheduler, 'cpu(web)')).toBe(2000);
    expect(unusable).toEqual([
      {
        offer: 'o',
        part: { name: 'cpu', kind: 'scalar', role: 'web', reservation: 'r1' },
        reason: 'the engine has no scalar resource "cpu(web, r1)"',
      },
    ]);
  });

  test('several disks stay apart: a source is part of the identity', () => {
    const disk = (amount: number, source?: string): OfferedResource => ({
      name: 'memory',
      kind: 'scalar',
      amount,
      ...(source !== undefined && { source }),
    });
    const given = { ...good, resources: [disk(100), disk(200, 'mount:/a'), disk(300, 'mount:/b')] };
    const apart = addOne(given);
    expect(freeOf(apart.scheduler, 'memory')).toBe(100);
    expect(apart.unusable.map(({ part }) => part.source)).toEqual(['mount:/a', 'mount:/b']);
    expect(apart.pool.unusable('a')).toEqual(apart.unusable);
    const pooled = addOne(given, { resourceFor: ({ name }) => name });
    expect(freeOf(pooled.scheduler, 'memory')).toBe(600);
    expect(pooled.unusable).toEqual([]);
  });

  test('default names', () => {
    const part = { name: 'cpu', kind: 'scalar', role: '*' } as const;
    expect(defaultResourceName(part)).toBe('cpu');
    expect(defaultResourceName({ ...part, role: 'web' })).toBe('cpu(web)');
    expect(defaultResourceName({ ...part, role: 'web', reservation: 'r1' })).toBe('cpu(web, r1)');
    expect(defaultResourceName({ ...part, role: 'web', source: 's' })).toBe('cpu(web)@s');
    expect(defaultResourceName({ ...part, reservation: 'r1' })).toBe('cpu(*, r1)');
  });

  test('keys are unique, and their order is the order of consumption', () => {
    const texts = ['a', 'ab', 'a\u0000', 'a\u0001', '\u0000', '\u0001\u0002', '\u0001\u0001', 'b', 'Z'];
    const identities: PartIdentity[] = [];
    for (const role of ['*', ...texts]) {
      for (const reservation of [undefined, ...texts]) {
        for (const source of [undefined, ...texts]) {
          for (const [name, kind] of [
            ['cpu', 'scalar'],
            ['cpu', 'set'],
            ['cpu', 'ranges'],
            ['c', 'scalar'],
          ] as const) {
            identities.push({
              name,
              kind,
              role,
              ...(reservation !== undefined && { reservation }),
              ...(source !== undefined && { source }),
            });
          }
        }
      }
    }
    const kinds = ['scalar', 'ranges', 'set'];
    const fields = ({ name, kind, role, reservation, source }: PartIdentity) => [
      role === '*' ? 1 : 0,
      reservation === undefined ? 1 : 0,
      role,
      reservation ?? '',
      source === undefined ? 0 : 1,
      source ?? '',
      name,
      kinds.indexOf(kind),
    ];
    const byFields = (a: PartIdentity, b: PartIdentity) => {
      const [left, right] = [fields(a), fields(b)];
      const at = left.findIndex((field, i) => field !== right[i]);
      return at < 0 ? 0 : left[at] < right[at] ? -1 : 1;
    };
    const byKey = identities.map((identity) => [partKey(identity), identity] as const);
    byKey.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    expect(byKey.map(([, identity]) => identity)).toEqual([...identities].sort(byFields));
    expect(new Set(byKey.map(([key]) => key)).size).toBe(identities.length);
  });

  test('a fraction of a unit is not used, and not lost: it goes where the offer goes', () => {
    const given = offer('o', 'a', { cpu: 1.0009, memory: 99.5 });
    const { scheduler, pool } = addOne(given);
    expect([freeOf(scheduler, 'cpu'), freeOf(scheduler, 'memory')]).toEqual([1000, 99]);
    const { placements } = scheduler.schedule([task('t', { cpu: 1, memory: 99 })]);
    expect(pool.handOver(placements)[0].offers).toEqual([given]);
  });

  test('values that would feed a resource counted in fractions are kept, but of no use', () => {
    const { unusable } = addOne({
      ...good,
      resources: [{ name: 'gpu', kind: 'set', items: ['gpu-0'] }],
    });
    expect(unusable[0].reason).toBe(
      'gpu is counted in fractions, but values are whole; define it with 1 unit per whole',
    );
  });

  test('PLUGIN_FAILED: a resourceFor that throws gets the offer refused', () => {
    const { refused } = addOne(good, {
      resourceFor: () => {
        throw new Error('no idea');
      },
    });
    expect(refused[0].error.code).toBe('PLUGIN_FAILED');
    expect(refused[0].error.message).toContain('no idea');
  });

  test('what a caller does to an offer afterwards changes nothing here', () => {
    const resources = [cpu(4)];
    const given = { ...good, resources } as {
      id: string;
      agent: string;
      resources: OfferedResource[];
      offeredAtMs: number;
    };
    const { scheduler, pool } = addOne(given);
    resources.push(cpu(100));
    given.id = 'other';
    given.agent = 'b';
    given.offeredAtMs = -1e9;
    expect(freeOf(scheduler, 'cpu')).toBe(4000);
    expect(pool.expire(119_999)).toEqual([]);
    expect(pool.rescind('good', 0).offer).toBe(given);
    expect(freeOf(scheduler, 'cpu')).toBe(0);
  });
});

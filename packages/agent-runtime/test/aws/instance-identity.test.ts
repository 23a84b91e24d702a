import fc from 'fast-check';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { readInstanceIdentity } from '../../src/aws/instance-identity.ts';

const IDENTITY = {
  instanceId: 'i-1',
  instanceType: 'm5.large',
  region: 'eu-west-1',
  availabilityZone: 'eu-west-1a',
  accountId: '123456789012',
};

async function withService<T>(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  use: (endpoint: string) => Promise<T>,
): Promise<T> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** The service as EC2 has it, with another document. */
function service(document: string): (request: IncomingMessage, response: ServerResponse) => void {
  return ({ method, url, headers }, response) => {
    if (method === 'PUT' && url === '/latest/api/token') {
      const ttl = headers['x-aws-ec2-metadata-token-ttl-seconds'];
      response.writeHead(ttl === undefined ? 400 : 200).end('secret');
    } else if (headers['x-aws-ec2-metadata-token'] !== 'secret') response.writeHead(401).end();
    else if (url === '/latest/dynamic/instance-identity/document') response.end(document);
    else response.writeHead(404).end();
  };
}

it('comes from the identity document, with a token', () =>
  withService(service(JSON.stringify({ ...IDENTITY, ramdiskId: null })), async (endpoint) => {
    expect(await readInstanceIdentity({ endpoint })).toEqual(IDENTITY);
  }));

it('is not made up from a document that lacks something or is none', async () => {
  const lacking = fc
    .constantFrom(...Object.keys(IDENTITY))
    .chain((key) => fc.constantFrom({ ...IDENTITY, [key]: undefined }, { ...IDENTITY, [key]: 7 }))
    .map((document) => JSON.stringify(document));
  await fc.assert(
    fc.asyncProperty(fc.oneof(lacking, fc.constantFrom('', '{', '[]', '"i-1"', 'null')), (document) =>
      withService(service(document), async (endpoint) => {
        await expect(readInstanceIdentity({ endpoint })).rejects.toMatchObject({ code: 'AWS_NO_IDENTITY' });
      }),
    ),
    { numRuns: 40 },
  );
});

it('is an error of its own where there is no service, or none that answers', async () => {
  const gone = await withService(service(''), async (endpoint) => endpoint);
  await expect(readInstanceIdentity({ endpoint: gone })).rejects.toMatchObject({ code: 'AWS_NO_IDENTITY' });
  await withService(
    () => {},
    async (endpoint) => {
      await expect(readInstanceIdentity({ endpoint, timeoutMs: 50 })).rejects.toMatchObject({
        code: 'AWS_NO_IDENTITY',
      });
    },
  );
  await withService(
    (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    async (endpoint) => {
      await expect(readInstanceIdentity({ endpoint })).rejects.toMatchObject({ code: 'AWS_NO_IDENTITY' });
    },
  );
});
